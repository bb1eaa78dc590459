"""VACUUM of one database's tables, so that what was deleted is room again."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from domain.identifiers import Identifier
from repository.driver_errors import translated
from repository.engine import driver_of, taken_from
from repository.queries import queries, with_identifiers

_SQL = queries("usage")
_MOST_TABLES = 100


class PostgresVacuum:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def vacuum(self, schemas: Sequence[Identifier]) -> None:
        """The largest tables; those that somebody has locked are left to the next time."""
        with translated():
            pooled = await taken_from(self._engine)
            driver = driver_of(pooled)
            cancelled = True
            try:
                tables = await driver.fetch(
                    _SQL["tables_to_vacuum"], [schema.name for schema in schemas], _MOST_TABLES
                )
                for row in tables:
                    await driver.execute(
                        with_identifiers(
                            _SQL["vacuum"],
                            schema=Identifier(row["schema"]),
                            table=Identifier(row["name"]),
                        )
                    )
                cancelled = False
            finally:
                try:
                    await driver.leave_transaction(cancelled=cancelled)
                finally:
                    await greenlet_spawn(pooled.close)
