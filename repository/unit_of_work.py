"""One transaction for metadata and schemas together: everything in it happens, or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from domain.timeouts import Timeouts
from repository.databases import Databases
from repository.driver_errors import perhaps_committed, translated
from repository.engine import driver_of
from repository.history import History
from repository.schemas import Schemas


class PostgresUnitOfWork:
    """``driver``: a connection in a transaction."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver
        self.databases = Databases(driver)
        self.schemas = Schemas(driver)
        self.history = History(driver)

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
        with translated():
            pooled = await self._engine.raw_connection()
        driver = driver_of(pooled)
        cancelled = True
        try:
            with translated():
                await driver.execute(_begin(within, label, snapshot=snapshot))
            yield PostgresUnitOfWork(driver)
            cancelled = False
        except Exception:
            cancelled = False
            raise
        finally:
            try:
                await driver.leave_transaction(cancelled=cancelled)
            finally:
                await greenlet_spawn(pooled.close)


def _begin(timeouts: Timeouts, label: str | None, *, snapshot: bool) -> str:
    """One message; the snapshot is taken by the first statement that reads."""
    level = " ISOLATION LEVEL REPEATABLE READ" if snapshot else ""
    named = "" if label is None else f";SET LOCAL application_name TO {_constant(label)}"
    return (
        f"BEGIN{level};"
        f"SET LOCAL statement_timeout TO {timeouts.statement:d};"
        f"SET LOCAL lock_timeout TO {timeouts.lock:d}{named}"
    )


def _constant(value: str) -> str:
    """Any text as an SQL string constant made of hexadecimal digits only.

    SET takes no bound parameter, and what cannot contain a quote cannot end a constant.
    """
    digits = value.encode().hex(" ")
    return "E'\\x" + digits.replace(" ", "\\x") + "'" if digits else "''"
