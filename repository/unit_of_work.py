"""One transaction for metadata and schemas together: everything in it happens, or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from time import perf_counter

from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.audit import NOTHING_MORE, Affected, AuditedChange
from domain.observation import NOBODY, ObservedTransaction, Observers
from domain.once import Once
from domain.timeouts import Timeouts
from repository.answers import Answers, claim, keep
from repository.audit import Audit
from repository.beginning import begin
from repository.consistency import Consistency
from repository.databases import Databases
from repository.driver_errors import perhaps_committed, translated
from repository.history import History
from repository.operations import Operations
from repository.platforms import Platforms
from repository.quotas import Quotas
from repository.schemas import Schemas
from repository.statistics import Statistics
from repository.transactions import transaction
from repository.usage import DatabaseUsages


class PostgresUnitOfWork:
    """``driver``: a connection in a transaction, which has claimed the key of ``once``."""

    def __init__(
        self,
        driver: Connection,
        once: Once | None,
        change: AuditedChange | None = None,
        observers: Observers = NOBODY,
    ) -> None:
        self._driver = driver
        self._once = once
        self._change = change
        self.databases = Databases(driver)
        self.schemas = Schemas(driver, observers)
        self.history = History(driver)
        self.operations = Operations(driver)
        self.consistency = Consistency(driver)
        self.platforms = Platforms(driver)
        self.quotas = Quotas(driver)
        self.usage = DatabaseUsages(driver)
        self.answers = Answers(driver)
        self.statistics = Statistics(driver)
        self.audit = Audit(driver)

    async def commit(self, result: object = None, about: Affected = NOTHING_MORE) -> None:
        if self._change is not None:
            await self.audit.add(self._change.done(about))
        if self._once is not None:
            with translated():
                await keep(self._driver, self._once, result)
        with translated(), perhaps_committed():
            await self._driver.execute("COMMIT")


class PostgresUnitOfWorkFactory:
    """``observers``: of tenants' DDL, which runs in transactions that have a ``label``."""

    def __init__(
        self, engine: AsyncEngine, timeouts: Timeouts, observers: Observers = NOBODY
    ) -> None:
        self._engine = engine
        self._timeouts = timeouts
        self._observers = observers

    @asynccontextmanager
    async def __call__(
        self,
        *,
        lasting: bool = True,
        timeouts: Timeouts | None = None,
        label: str | None = None,
        once: Once | None = None,
        change: AuditedChange | None = None,
    ) -> AsyncIterator[PostgresUnitOfWork]:
        if change is not None:
            once = change.once
        beginning = begin(timeouts or self._timeouts, label, lasting=lasting)
        asked_at = perf_counter()
        async with transaction(self._engine, beginning) as driver:
            observed = nullcontext() if label is None else self._observed(asked_at)
            with observed:
                if once is not None:
                    with translated():
                        await claim(driver, once.key)
                yield PostgresUnitOfWork(driver, once, change, self._observers)

    def _observed(self, asked_at: float) -> ObservedTransaction:
        return ObservedTransaction(self._observers.of_transactions, "ddl", asked_at)
