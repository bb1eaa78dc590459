"""Ends what a request is running, in whatever worker: PostgreSQL's list of sessions names it."""

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from exceptions.errors import StatementNotFound
from repository.driver_errors import translated
from repository.engine import driver_of

_CANCEL = """
SELECT count(*) FILTER (WHERE pg_cancel_backend(pid))
FROM pg_stat_activity
WHERE application_name = $1 AND state = 'active' AND datname = current_database()
"""


class PostgresRunningStatements:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def cancel(self, label: str) -> None:
        with translated():
            pooled = await self._engine.raw_connection()
            try:
                cancelled: int = await driver_of(pooled).fetchval(_CANCEL, label)
            finally:
                await greenlet_spawn(pooled.close)
        if not cancelled:
            raise StatementNotFound
