"""Ends what a request is running, in whatever worker: PostgreSQL's list of sessions names it."""

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from exceptions.errors import StatementNotFound
from repository.driver_errors import translated
from repository.engine import driver_of, taken_from
from repository.queries import queries

_SQL = queries("running")


class PostgresRunningStatements:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def cancel(self, label: str) -> None:
        with translated():
            pooled = await taken_from(self._engine)
            try:
                cancelled: int = await driver_of(pooled).fetchval(_SQL["cancel"], label)
            finally:
                await greenlet_spawn(pooled.close)
        if not cancelled:
            raise StatementNotFound
