"""Ends what a request is running, in whatever worker: PostgreSQL's list of sessions names it."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from exceptions.errors import StatementNotFound
from repository.connection import PoolConnection
from repository.driver_errors import translated
from repository.engine import driver_of, taken_from
from repository.queries import queries

_SQL = queries("running")
_AGAIN_AFTER = (0.01, 0.03, 0.1, 0.3)  # seconds


class PostgresRunningStatements:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def cancel(self, label: str) -> None:
        with translated():
            pooled = await taken_from(self._engine)
            try:
                if not await _cancel(driver_of(pooled), label):
                    raise StatementNotFound
            finally:
                await greenlet_spawn(pooled.close)


async def _cancel(driver: PoolConnection, label: str) -> bool:
    """Whether there was one. PostgreSQL ignores what reaches a session between two messages."""
    if not await driver.fetchval(_SQL["cancel"], label):
        return False
    for pause in _AGAIN_AFTER:
        await asyncio.sleep(pause)
        if not await driver.fetchval(_SQL["cancel"], label):
            break
    return True
