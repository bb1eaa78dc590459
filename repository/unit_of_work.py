"""One transaction for metadata and schemas together: everything in it happens, or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from repository.databases import Databases
from repository.driver_errors import translated
from repository.engine import driver_of
from repository.schemas import Schemas


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In milliseconds; 0 means none."""

    statement: int
    lock: int


class PostgresUnitOfWork:
    def __init__(self, connection: AsyncConnection, databases: Databases, schemas: Schemas) -> None:
        self._connection = connection
        self.databases = databases
        self.schemas = schemas

    async def commit(self) -> None:
        with translated():
            await self._connection.commit()


class PostgresUnitOfWorkFactory:
    def __init__(self, engine: AsyncEngine, timeouts: Timeouts) -> None:
        self._engine = engine
        self._timeouts = timeouts

    @asynccontextmanager
    async def __call__(self, *, snapshot: bool = False) -> AsyncIterator[PostgresUnitOfWork]:
        with translated():
            connection = await self._engine.connect()
        try:
            with translated():
                if snapshot:
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                # What reads a snapshot copies rows; how long that takes is for the rows to say.
                await self._begin(connection, 0 if snapshot else self._timeouts.statement)
                raw = await connection.get_raw_connection()
            yield PostgresUnitOfWork(connection, Databases(connection), Schemas(driver_of(raw)))
        finally:
            # Rolls back what was not committed. A connection that broke is not given back.
            with translated():
                await connection.close()

    async def _begin(self, connection: AsyncConnection, statement_timeout: int) -> None:
        """The first statement opens the transaction, so it can just as well be of use."""
        await connection.execute(
            select(
                func.set_config("statement_timeout", str(statement_timeout), True),
                func.set_config("lock_timeout", str(self._timeouts.lock), True),
            )
        )
