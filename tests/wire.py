"""Proxies before PostgreSQL: one that counts round trips, and one that loses connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlencode, urlsplit, urlunsplit

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Serve = Callable[[Streams, Streams], Awaitable[None]]

BEGIN = b"BEGIN"
COMMIT = b"COMMIT"


class Wire:
    """``round_trips``: how often the client spoke after the server had, on all connections."""

    def __init__(self) -> None:
        self.connections = 0
        self.round_trips = 0

    def reset(self) -> None:
        self.connections = 0
        self.round_trips = 0


async def _pump(
    source: asyncio.StreamReader,
    target: asyncio.StreamWriter,
    turn: list[str],
    who: str,
    wire: Wire,
) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(65536):
            if turn[0] != who and who == "client":
                wire.round_trips += 1
            turn[0] = who
            target.write(chunk)
            await target.drain()
    target.close()


@asynccontextmanager
async def counted(url: str, folder: Path) -> AsyncIterator[tuple[str, Wire]]:
    """The URL of a proxy before the server of ``url``, and its count."""
    wire = Wire()

    async def serve(client: Streams, server: Streams) -> None:
        wire.connections += 1
        turn = ["server"]
        await asyncio.gather(
            _pump(client[0], server[1], turn, "client", wire),
            _pump(server[0], client[1], turn, "server", wire),
        )

    async with _proxied(url, folder, serve) as proxy:
        yield proxy, wire


class Scissors:
    """``armed``: the next COMMIT is lost; ``arrives``: but not before PostgreSQL has done it.

    ``after``: the next one of a transaction that has said so; the service has others of its own.
    """

    def __init__(self) -> None:
        self.armed = False
        self.arrives = False
        self.after = b""
        self.cuts = 0

    def arm(self, *, arrives: bool, after: bytes = b"") -> None:
        self.armed, self.arrives, self.after = True, arrives, after

    async def serve(self, client: Streams, server: Streams) -> None:
        answers = asyncio.create_task(self._pump(server[0], client[1]))
        said = b""
        with suppress(ConnectionError):
            while chunk := await client[0].read(65536):
                said = chunk if BEGIN in chunk else said + chunk
                if self.armed and COMMIT in chunk and self.after in said:
                    self.armed = False
                    self.cuts += 1
                    await self._lose(chunk, answers, client, server)
                    break
                server[1].write(chunk)
                await server[1].drain()
        server[1].close()
        await answers

    async def _lose(
        self, chunk: bytes, answers: "asyncio.Task[None]", client: Streams, server: Streams
    ) -> None:
        answers.cancel()
        with suppress(asyncio.CancelledError):
            await answers
        if self.arrives:
            server[1].write(chunk)
            await server[1].drain()
            assert COMMIT in await server[0].read(65536)  # it tells what it has done
        client[1].close()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            while chunk := await source.read(65536):
                target.write(chunk)
                await target.drain()
            target.close()


@asynccontextmanager
async def losing(url: str, folder: Path) -> AsyncIterator[tuple[str, Scissors]]:
    """The URL of a proxy before the server of ``url``, and what cuts its connections."""
    scissors = Scissors()
    async with _proxied(url, folder, scissors.serve) as proxy:
        yield proxy, scissors


@asynccontextmanager
async def _proxied(url: str, folder: Path, serve: Serve) -> AsyncIterator[str]:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    socket_dir = query.get("host", [""])[0]

    async def connect() -> Streams:
        if socket_dir:
            port = query.get("port", ["5432"])[0]
            return await asyncio.open_unix_connection(f"{socket_dir}/.s.PGSQL.{port}")
        return await asyncio.open_connection(parts.hostname, parts.port or 5432)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve((reader, writer), await connect())

    proxy = await asyncio.start_unix_server(accept, folder / ".s.PGSQL.5432")
    user = f"{unquote(parts.username or '')}:{parts.password or ''}@"
    place = urlencode({"host": str(folder), "port": "5432"})
    try:
        yield urlunsplit(parts._replace(netloc=user, query=place))
    finally:
        proxy.close()
