"""Databases seen before: a bounded cache, kept true by LISTEN for what other workers do.

A cached database is at worst gone or renamed, never somebody else's: owner and schemas of an id
do not change. Without its listening connection the directory remembers nothing.
"""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from uuid import uuid4

import asyncpg
import structlog

from domain.database import Database
from domain.ports import UnitOfWorkFactory
from repository.databases import CHANGES_CHANNEL
from repository.driver_errors import UNREACHABLE
from repository.queries import queries

_LOG = structlog.get_logger()
_SQL = queries("directory")
_FIRST_RETRY = 0.2  # seconds
_LAST_RETRY = 5.0


class CachedDirectory:
    """``start`` and ``stop`` belong to the lifespan; ``find`` and ``forget`` to requests.

    ``listen_url`` leads to PostgreSQL itself: LISTEN is lost on a pooler (``is_heard``).
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        listen_url: str,
        *,
        most: int,
        connect_timeout: float,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._listen_url = listen_url
        self._most = most
        self._connect_timeout = connect_timeout
        self._seen: OrderedDict[int, Database] = OrderedDict()
        self._told = 0  # grows with every message, so that a read begun before one is not kept
        self._listening = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._listen(), name="directory")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def find(self, database_id: int) -> Database | None:
        database = self._seen.get(database_id)
        if database is not None:
            self._seen.move_to_end(database_id)
            return database
        told = self._told
        async with self._unit_of_work() as work:
            database = await work.databases.find(database_id)
        is_sure = self._listening and told == self._told
        if database is not None and database.is_ready and is_sure:
            self._seen[database_id] = database
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return database

    def forget(self, database_id: int) -> None:
        self._told += 1
        self._seen.pop(database_id, None)

    async def _listen(self) -> None:
        retry = _FIRST_RETRY
        while True:
            try:
                connection = await self._connect()
                retry = _FIRST_RETRY
                await self._until_closed(connection)
            except (*UNREACHABLE, asyncpg.PostgresError) as error:
                _LOG.warning("directory_not_listening", error=type(error).__name__)
            await asyncio.sleep(retry)
            retry = min(retry * 2, _LAST_RETRY)

    async def _connect(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            self._listen_url,
            timeout=self._connect_timeout,
            server_settings={"application_name": "twinbase directory"},
        )
        try:
            await connection.add_listener(CHANGES_CHANNEL, self._on_message)
        except BaseException:  # stopped before it ever listened
            connection.terminate()
            raise
        return connection

    async def _until_closed(self, connection: asyncpg.Connection) -> None:
        closed = asyncio.Event()
        connection.add_termination_listener(lambda _connection: closed.set())
        try:
            self._listening = not connection.is_closed()
            if self._listening:
                await closed.wait()
        finally:
            self._listening = False
            self._told += 1
            self._seen.clear()
            await connection.close(timeout=1)

    def _on_message(
        self, _connection: object, _process: int, _channel: str, payload: object
    ) -> None:
        told = str(payload)
        if told.isdecimal():
            self.forget(int(told))


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
