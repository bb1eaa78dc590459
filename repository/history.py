"""The history of DDL: written by the transaction that runs it: both are there or neither."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from domain.history import DdlPage, DdlRecord
from domain.ownership import Caller
from domain.schema import Environment
from repository.driver_errors import translated
from repository.queries import queries

_SQL = queries("history")

# A page may hold statements that were requests of a megabyte each.
_MOST_BYTES = 1024 * 1024


class History:
    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def add_ddl(
        self,
        database_id: int,
        environments: Sequence[Environment],
        statements: Sequence[str],
        caller: Caller,
        sid: str,
    ) -> None:
        with translated():
            await self._driver.execute(
                _SQL["add_ddl"],
                database_id,
                list(environments),
                list(statements),
                caller.uid,
                caller.space_id,
                sid,
            )

    async def list_ddl(self, database_id: int, before_id: int | None, limit: int) -> DdlPage:
        with translated():
            # One more than asked for tells whether there is a next page.
            rows = await self._driver.fetch(
                _SQL["list_ddl"], database_id, before_id, limit + 1, _MOST_BYTES
            )
        records = tuple(
            DdlRecord(
                id=row["id"],
                statement=row["statement"],
                environments=tuple(Environment(name) for name in row["environments"]),
                uid=row["uid"],
                space_id=row["space_id"],
                sid=row["sid"],
                create_at=datetime.fromisoformat(row["create_at"]),
            )
            for row in rows[:limit]
        )
        more = bool(records) and rows[0]["found"] > len(records)
        return DdlPage(records, records[-1].id if more else None)
