"""Quotas of statements, across all workers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.ports import UnitOfWorkFactory
from domain.quota import Limits
from repository.own_session import OwnSession
from repository.pace import Pace
from repository.slots import Slots


class PostgresStatementQuota:
    def __init__(self, unit_of_work: UnitOfWorkFactory, session: OwnSession) -> None:
        self._pace = Pace(unit_of_work)
        self._slots = Slots(session)

    @asynccontextmanager
    async def __call__(self, limits: Limits) -> AsyncIterator[None]:
        if limits.statements_per_second is not None:
            await self._pace.take(limits.statements_per_second)
        if limits.concurrent_statements is None:
            yield
            return
        async with self._slots.one_of(limits.concurrent_statements):
            yield

    def charge(self, limits: Limits, statements: int) -> None:
        if limits.statements_per_second is not None and statements:
            self._pace.charge(limits.statements_per_second, statements)
