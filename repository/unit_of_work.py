"""One transaction for metadata and schemas together: everything in it happens, or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from asyncpg import Connection
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.timeouts import Timeouts
from repository.databases import Databases
from repository.driver_errors import translated
from repository.engine import driver_of
from repository.history import History
from repository.schemas import Schemas


class PostgresUnitOfWork:
    """``driver``: the connection's own, in the same transaction."""

    def __init__(self, connection: AsyncConnection, driver: Connection) -> None:
        self._connection = connection
        self.databases = Databases(connection)
        self.schemas = Schemas(driver)
        self.history = History(driver)

    async def commit(self) -> None:
        with translated():
            await self._connection.commit()


class PostgresUnitOfWorkFactory:
    def __init__(self, engine: AsyncEngine, timeouts: Timeouts) -> None:
        self._engine = engine
        self._timeouts = timeouts

    @asynccontextmanager
    async def __call__(
        self,
        *,
        snapshot: bool = False,
        timeouts: Timeouts | None = None,
        label: str | None = None,
    ) -> AsyncIterator[PostgresUnitOfWork]:
        with translated():
            connection = await self._engine.connect()
        try:
            with translated():
                if snapshot:
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                within = timeouts or self._timeouts
                if snapshot:  # it copies rows; how long that takes is for the rows to say
                    within = replace(within, statement=0)
                await _begin(connection, within, label)
                raw = await connection.get_raw_connection()
            yield PostgresUnitOfWork(connection, driver_of(raw))
        finally:
            # Rolls back what was not committed. A connection that broke is not given back.
            with translated():
                await connection.close()


async def _begin(connection: AsyncConnection, timeouts: Timeouts, label: str | None) -> None:
    """The first statement opens the transaction, so it can just as well be of use."""
    settings = {"statement_timeout": str(timeouts.statement), "lock_timeout": str(timeouts.lock)}
    if label is not None:
        settings["application_name"] = label
    await connection.execute(
        select(*(func.set_config(name, value, True) for name, value in settings.items()))
    )
