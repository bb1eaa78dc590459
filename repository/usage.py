"""How large databases are: measured in PostgreSQL's files, remembered in ``database_usage``."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
from asyncpg import Connection, Record

from domain.database import Database
from domain.identifiers import Identifier
from domain.quota import Subject
from domain.storage import Room
from domain.usage import Measurement, Usage, UsageBy, UsageReport, UsageScope
from exceptions.errors import DatabaseBusy
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries, with_identifiers

_SQL = queries("usage")
_BYTES_OF, _TO_MEASURE = (
    _SQL[those].format(databases=_SQL["databases"]) for those in ("bytes_of", "to_measure")
)
_GET: Mapping[UsageBy, str] = {
    by: _SQL["get_usage"].format(databases=_SQL["databases"], by=_SQL[f"by_{by}"]) for by in UsageBy
}
_NAMES: Mapping[UsageBy, tuple[str, ...]] = {
    UsageBy.PLATFORM: ("platform_name",),
    UsageBy.SPACE: ("platform_name", "space_id"),
    UsageBy.UID: ("platform_name", "uid"),
    UsageBy.DATABASE: ("platform_name", "space_id", "uid", "database_id", "database_name"),
}

# What is counted within some milliseconds.
_MOST_COUNTED = 16 * 1024 * 1024  # bytes
_MOST_TABLES_COUNTED = 100

# DDL has come between; or a superuser has left a table that is his own, or that forces policies.
_NOT_TO_BE_COUNTED = (
    asyncpg.UndefinedTableError,
    asyncpg.WrongObjectTypeError,
    asyncpg.InsufficientPrivilegeError,
)


class DatabaseUsages:
    """``driver`` is the connection of a running transaction; nothing here commits."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def measure(self, schemas: Iterable[Identifier]) -> Measurement:
        return await self._measure(schemas, {})

    async def measure_past_locks(
        self, schemas: Iterable[Identifier], known: Mapping[int, int]
    ) -> Measurement:
        with translated():
            locked = await fetch(self._driver, _SQL["locked"])
        sizes = {row["relation"]: known.get(row["relation"], row["bytes"]) for row in locked}
        return await self._measure(schemas, sizes)

    async def _measure(
        self, schemas: Iterable[Identifier], sizes: Mapping[int, int]
    ) -> Measurement:
        """``sizes``: of relations that PostgreSQL is not to be asked about."""
        names = [schema.name for schema in schemas]
        with translated():
            rows = await fetch(self._driver, _SQL["measure"], names, list(sizes))
        relations = {row["relation"]: row["bytes"] for row in rows}
        relations |= {each: size for each, size in sizes.items() if each in relations}
        tables = Counter(row["schema"] for row in rows if row["schema"] is not None)
        return Measurement(
            tables=max(tables.values(), default=0),
            rows=sum(row["rows"] for row in rows),
            bytes=sum(relations.values()),
            relations=relations,
        )

    async def count_rows(self, schemas: Iterable[Identifier], measured: Measurement) -> int:
        """As ``measured`` says where they are many."""
        if measured.bytes > _MOST_COUNTED or measured.tables > _MOST_TABLES_COUNTED:
            return measured.rows
        names = [schema.name for schema in schemas]
        with translated():
            tables = await self._tables(names)
            if not tables:
                return 0
            try:
                await self._driver.execute(_for_each("lock_to_count", tables, ";"))
                # A view that has taken a table's name would be a tenant's, run by the service's
                # right; what is locked keeps its name.
                if await self._tables(names) != tables:
                    raise DatabaseBusy
                await self._driver.execute(_SQL["count_all_or_none"])
                counts = await self._driver.fetch(_for_each("count_rows", tables, "\nUNION ALL\n"))
            except _NOT_TO_BE_COUNTED as error:
                raise DatabaseBusy from error
        return sum(row["rows"] for row in counts)

    async def _tables(self, schemas: Sequence[str]) -> list[tuple[Identifier, Identifier]]:
        rows = await fetch(self._driver, _SQL["tables_to_count"], schemas)
        return sorted(
            ((Identifier(row["schema"]), Identifier(row["name"])) for row in rows),
            key=lambda table: (table[0].name, table[1].name),
        )

    async def changed_relations(self) -> frozenset[int]:
        with translated():
            rows = await fetch(self._driver, _SQL["changed_relations"])
        return frozenset(row["relation"] for row in rows)

    async def save(self, database: Database, measured: Measurement) -> None:
        told = (database.id, measured.tables, measured.rows, measured.bytes)
        with translated():
            await fetch(self._driver, _SQL["save"], *told)

    async def bytes_of(self, subject: Subject, but: Database | None = None) -> tuple[int, bool]:
        without = None if but is None else but.id
        with translated():
            (row,) = await fetch(self._driver, _BYTES_OF, *subject.values, None, without)
        return row["bytes"], not row["unmeasured"]

    async def to_measure(self, scope: UsageScope, age: timedelta, most: int) -> list[int]:
        with translated():
            rows = await fetch(self._driver, _TO_MEASURE, *scope.values, most, age.total_seconds())
        return [row["id"] for row in rows]

    async def get_usage(self, scope: UsageScope, by: UsageBy, limit: int) -> UsageReport:
        with translated():
            # Beside the total, one more than asked for tells whether there are others.
            rows = await fetch(self._driver, _GET[by], *scope.values, limit + 2)
        total, *groups = rows
        return UsageReport(
            total=_usage(total, ()),
            usage=tuple(_usage(row, _NAMES[by]) for row in groups[:limit]),
            truncated=len(groups) > limit,
        )

    async def forget_dropped(self) -> int:
        with translated():
            return len(await fetch(self._driver, _SQL["forget_dropped"]))


async def keep_within(driver: Connection, room: Room) -> None:
    """At the end of what this transaction has written. Raises QuotaExceeded."""
    with translated():
        rows = await fetch(driver, _SQL["written_relations"])
        written = {row["relation"]: row["bytes"] for row in rows if row["bytes"] is not None}
        after = room.measured.bytes_after(written)
        room.check_after(after)
        if room.of_all is not None:
            values = room.of_all.subject.values
            ((others,),) = await fetch(driver, _SQL["others"], *values, room.database_id)
            replace(room, limit=room.of_all, others=others).check_after(after)
        await fetch(driver, _SQL["save_bytes"], room.database_id, after)


def _usage(row: Record, names: tuple[str, ...]) -> Usage:
    measured_at = row["measured_at"]
    return Usage(
        of=dict(zip(names, row.values(), strict=False)),
        databases=row["databases"],
        tables=row["tables"],
        rows=row["rows"],
        bytes=row["bytes"],
        measured_at=None if measured_at is None else datetime.fromisoformat(measured_at),
    )


def _for_each(query: str, tables: Iterable[tuple[Identifier, Identifier]], between: str) -> str:
    return between.join(
        with_identifiers(_SQL[query], schema=schema, table=table) for schema, table in tables
    )
