"""One transaction for metadata and schemas together: everything in it happens, or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.timeouts import Timeouts
from repository.consistency import Consistency
from repository.databases import Databases
from repository.driver_errors import perhaps_committed, translated
from repository.history import History
from repository.operations import Operations
from repository.schemas import Schemas
from repository.transactions import beginning, transaction


class PostgresUnitOfWork:
    """``driver``: a connection in a transaction."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver
        self.databases = Databases(driver)
        self.schemas = Schemas(driver)
        self.history = History(driver)
        self.operations = Operations(driver)
        self.consistency = Consistency(driver)

    async def commit(self) -> None:
        with translated(), perhaps_committed():
            await self._driver.execute("COMMIT")


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
        within = timeouts or self._timeouts
        if snapshot:  # it copies rows; how long that takes is for the rows to say
            within = replace(within, statement=0)
        async with transaction(
            self._engine, beginning(within, label=label, snapshot=snapshot)
        ) as driver:
            yield PostgresUnitOfWork(driver)
