"""A worker's own session: what others tell by NOTIFY, locks that last beyond a transaction.

Both are lost where the session is, and whoever needs them is told.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import asyncpg
import structlog

from repository.driver_errors import UNREACHABLE
from repository.queries import queries

_SQL = queries("listening")
_LOG = structlog.get_logger()
_FIRST_RETRY = 0.2  # seconds
_LAST_RETRY = 5.0

OnMessage = Callable[[str], None]
OnSilence = Callable[[], None]


class SessionLost(Exception):
    """With all that was held by it; there will be another one."""


class OwnSession:
    """``url`` leads to PostgreSQL itself: LISTEN is lost on a pooler (``is_heard``).

    ``start`` and ``stop`` belong to the lifespan.
    """

    def __init__(self, url: str, *, connect_timeout: float) -> None:
        self._url = url
        self._connect_timeout = connect_timeout
        self._heard: dict[str, tuple[OnMessage, OnSilence]] = {}
        self._task: asyncio.Task[None] | None = None
        self._session: asyncpg.Connection | None = None
        self._in_use = asyncio.Lock()
        self.number = 0
        """Of the session: what an earlier one has held is held no more."""
        self.is_open = False

    @asynccontextmanager
    async def use(self) -> AsyncIterator[asyncpg.Connection]:
        """The session itself, for one after the other. Raises SessionLost."""
        async with self._in_use:
            session = self._session
            if session is None or session.is_closed():
                raise SessionLost
            try:
                yield session
            except (*UNREACHABLE, asyncpg.PostgresError) as error:
                raise SessionLost from error

    def hear(self, channel: str, on_message: OnMessage, on_silence: OnSilence) -> None:
        """Before ``start``. ``on_silence``: messages may have been missed."""
        self._heard[channel] = on_message, on_silence

    def start(self) -> None:
        self._task = asyncio.create_task(self._listen(), name="listening")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        retry = _FIRST_RETRY
        while True:
            try:
                connection = await self._connect()
                retry = _FIRST_RETRY
                await self._until_closed(connection)
            except (*UNREACHABLE, asyncpg.PostgresError) as error:
                _LOG.warning("not_listening", error=type(error).__name__)
            await asyncio.sleep(retry)
            retry = min(retry * 2, _LAST_RETRY)

    async def _connect(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            self._url,
            timeout=self._connect_timeout,
            server_settings={"application_name": "twinbase listening"},
        )
        try:
            for channel in self._heard:
                await connection.add_listener(channel, self._on_message)
        except BaseException:  # stopped before it ever listened
            connection.terminate()
            raise
        return connection

    async def _until_closed(self, connection: asyncpg.Connection) -> None:
        closed = asyncio.Event()
        connection.add_termination_listener(lambda _connection: closed.set())
        try:
            self.is_open = not connection.is_closed()
            self._session = connection
            self.number += 1
            self._silence()  # what was told while nobody listened
            if self.is_open:
                await closed.wait()
        finally:
            self.is_open = False
            self._session = None
            self._silence()
            await connection.close(timeout=1)

    def _silence(self) -> None:
        for _, on_silence in self._heard.values():
            on_silence()

    def _on_message(
        self, _connection: object, _process: int, channel: str, payload: object
    ) -> None:
        self._heard[channel][0](str(payload))


async def is_heard(told_by: str, heard_by: str, *, longest_wait: float) -> bool:
    """Whether NOTIFY by the one URL reaches LISTEN by the other. Raises the driver's errors."""
    channel = f"twinbase_{uuid4().hex}"
    heard = asyncio.Event()
    listening = await asyncpg.connect(heard_by, timeout=longest_wait, statement_cache_size=0)
    try:
        await listening.add_listener(channel, lambda *_message: heard.set())
        telling = await asyncpg.connect(told_by, timeout=longest_wait, statement_cache_size=0)
        try:
            await telling.execute(_SQL["tell"], channel)
        finally:
            await telling.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(heard.wait(), longest_wait)
        return heard.is_set()
    finally:
        await listening.close()
