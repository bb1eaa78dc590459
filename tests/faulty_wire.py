"""A proxy between a service and PostgreSQL that knows where a message ends, and strikes there.

Armed with a point, it lets so many messages pass; at the next one nothing travels any more until
the fault has happened. So every boundary between two messages can be where somebody pulls the plug,
and the service need not know of it.
"""

import asyncio
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit, urlunsplit

_STARTUP = 3 << 16  # the protocol's version, with the minor one below
_LONGEST_LABEL = 70
_KINDS = {b"B": "Bind", b"C": "Close", b"D": "Describe", b"E": "Execute", b"S": "Sync"}
_LENGTH = struct.Struct("!I")


class Side(StrEnum):
    MESSAGE = "message"
    """Of the service: PostgreSQL has not got it."""

    ANSWER = "answer"
    """Of PostgreSQL, which has done what it was told: the service has not got it."""


class Link:
    """One connection of the service, through the proxy."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self._ends = (near, far)
        self.name = ""

    def cut(self) -> None:
        for end in self._ends:
            end.transport.abort()


Strike = Callable[[Link], None]


@dataclass(kw_only=True)
class Watch:
    """What has passed since it was set.

    ``at``, or ``words`` of a message, say where it strikes; without them it only counts. ``strike``
    runs once, in the proxy's thread, with the link that would go on; and goes on, where it is not
    cut then.
    """

    side: Side = Side.MESSAGE
    at: int | None = None
    words: str | None = None
    strike: Strike | None = None
    met: dict[Side, list[str]] = field(default_factory=lambda: {side: [] for side in Side})
    struck: threading.Event = field(default_factory=threading.Event)

    @property
    def point(self) -> str:
        """Where it struck, for people."""
        met = self.met[self.side]
        return f"{self.side} {len(met) - 1}: {met[-1]}" if self.struck.is_set() else "nowhere"

    def meet(self, side: Side, link: Link, label: str) -> None:
        if self.struck.is_set():
            return
        self.met[side].append(f"{link.name}: {label}")
        is_it = len(self.met[side]) - 1 == self.at or (
            self.words is not None and self.words in label
        )
        if side is self.side and is_it:
            if self.strike is not None:
                self.strike(link)
            self.struck.set()


class FaultyWire:
    """Listens on the loopback; ``url`` leads through it to the server of ``upstream_url``."""

    def __init__(self, upstream_url: str) -> None:
        self._upstream = urlsplit(upstream_url)
        self._loop = asyncio.new_event_loop()
        self._links: set[Link] = set()
        self._watch: Watch | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        user, _, _ = self._upstream.netloc.rpartition("@")
        query = urlencode({"sslmode": "disable"})
        self.url = urlunsplit(
            self._upstream._replace(netloc=f"{user}@127.0.0.1:{port}", query=query)
        )
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextmanager
    def watched(self, watch: Watch) -> Iterator[Watch]:
        self._set(watch)
        try:
            yield watch
        finally:
            self._set(None)

    def cut_all(self) -> None:
        """From whichever thread; in the proxy's own nothing can travel meanwhile."""
        for link in tuple(self._links):
            link.cut()

    def _set(self, watch: Watch | None) -> None:
        async def change() -> None:
            self._watch = watch

        asyncio.run_coroutine_threadsafe(change(), self._loop).result()

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _end(self) -> None:
        self._server.close()
        self.cut_all()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        if serving:
            await asyncio.wait(serving)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        query = parse_qs(self._upstream.query)
        folder = query.get("host", [""])[0]
        if folder:
            port = query.get("port", ["5432"])[0]
            return await asyncio.open_unix_connection(f"{unquote(folder)}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self._upstream.hostname, self._upstream.port or 5432)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await self._connect()
        except OSError:  # PostgreSQL is not there
            writer.transport.abort()
            return
        link = Link(writer, far_writer)
        self._links.add(link)
        try:
            await asyncio.gather(
                self._pump(link, reader, far_writer, Side.MESSAGE),
                self._pump(link, far_reader, writer, Side.ANSWER),
            )
        finally:
            self._links.discard(link)
            link.cut()

    async def _pump(
        self, link: Link, source: asyncio.StreamReader, target: asyncio.StreamWriter, side: Side
    ) -> None:
        with suppress(OSError):
            async for message in _messages(source, begins_untyped=side is Side.MESSAGE):
                label = _label(message, link, side)
                if self._watch and label:
                    self._watch.meet(side, link, label)
                if target.is_closing():
                    return
                target.write(message)
                await target.drain()
        if not target.is_closing():
            target.close()


async def _messages(source: asyncio.StreamReader, *, begins_untyped: bool) -> AsyncIterator[bytes]:
    with suppress(asyncio.IncompleteReadError):
        if begins_untyped:
            yield await _message(source, b"")
        while True:
            yield await _message(source, await source.readexactly(1))


async def _message(source: asyncio.StreamReader, kind: bytes) -> bytes:
    length = await source.readexactly(_LENGTH.size)
    rest = await source.readexactly(_LENGTH.unpack(length)[0] - _LENGTH.size)
    return kind + length + rest


def _label(message: bytes, link: Link, side: Side) -> str:
    """Empty: it is no point. Of PostgreSQL's answers only their ends count."""
    kind = message[:1]
    if side is Side.ANSWER:
        return "ready for the next" if kind == b"Z" else ""
    if kind == b"\0":
        return _beginning(message, link)
    if kind == b"Q":
        return _words(message[5:-1])
    if kind == b"P":
        _name, sql, _types = message[5:].split(bytes(1), 2)
        return f"Parse {_words(sql)}"
    return _KINDS.get(kind, kind.decode("ascii", "replace"))


def _beginning(message: bytes, link: Link) -> str:
    if _LENGTH.unpack_from(message, 4)[0] & 0xFFFF0000 != _STARTUP:
        return "cancel"
    words = [word.decode() for word in message[8:].split(b"\0")]
    settings = dict(zip(words[::2], words[1::2], strict=False))
    link.name = settings.get("application_name", "unnamed")
    return "connect"


def _words(sql: bytes) -> str:
    return " ".join(sql.decode("utf-8", "replace").split())[:_LONGEST_LABEL]
