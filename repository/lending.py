"""Gives what a DDL may change to ``twinbase_ddl``, which owns it until the transaction's end.

Changing an owner locks the object for everybody. So only what a statement of its kind can change,
or must be allowed to read, is lent, and nobody is kept waiting behind a DDL that itself waits.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from time import monotonic

import asyncpg
from asyncpg import Connection, Record

from domain.gate import DdlKind, DdlStatement
from domain.identifiers import Identifier
from repository.driver_errors import translated
from repository.queries import queries, with_identifiers
from repository.roles import DDL

_SQL = queries("schemas")


class Kind(StrEnum):
    """What can be owned; in ``sql/schemas.sql`` each has its ``give_…``."""

    TABLE = "table"
    VIEW = "view"
    SEQUENCE = "sequence"
    TYPE = "type"
    STATISTICS = "statistics"


_EVERYTHING = frozenset(Kind)
_OF_TABLES = frozenset({Kind.TABLE})
_OF_ROWS = frozenset({Kind.TABLE, Kind.VIEW})
# A sequence of a column is its table's, and changes hands with it.
_OF_SEQUENCES = frozenset({Kind.SEQUENCE, Kind.TABLE})
_OF_TYPES = frozenset({Kind.TYPE})

# Whatever is not here may change anything that it names.
_CHANGED: Mapping[DdlKind, frozenset[Kind]] = {
    DdlKind.CREATE_TABLE: _OF_ROWS,
    DdlKind.CREATE_TABLE_AS: _OF_ROWS,
    DdlKind.ALTER_TABLE: _OF_ROWS,
    DdlKind.DROP_TABLE: _OF_TABLES,
    DdlKind.CREATE_INDEX: _OF_ROWS,
    DdlKind.ALTER_INDEX: _OF_TABLES,
    DdlKind.DROP_INDEX: _OF_TABLES,
    DdlKind.CREATE_VIEW: frozenset({Kind.VIEW}),  # it needs no right on what it reads
    DdlKind.DROP_VIEW: frozenset({Kind.VIEW}),
    DdlKind.CREATE_SEQUENCE: _OF_TABLES,
    DdlKind.ALTER_SEQUENCE: _OF_SEQUENCES,
    DdlKind.DROP_SEQUENCE: _OF_SEQUENCES,
    DdlKind.CREATE_TYPE: frozenset(),
    DdlKind.ALTER_TYPE: _OF_TYPES,
    DdlKind.DROP_TYPE: _OF_TYPES,
    DdlKind.CREATE_DOMAIN: frozenset(),
    DdlKind.ALTER_DOMAIN: _OF_TYPES,
    DdlKind.DROP_DOMAIN: _OF_TYPES,
    DdlKind.CREATE_STATISTICS: _OF_ROWS,
    DdlKind.ALTER_STATISTICS: frozenset({Kind.STATISTICS}),
    DdlKind.DROP_STATISTICS: frozenset({Kind.STATISTICS}),
}

# Milliseconds in a table's queue before giving way to those behind, doubled from time to time up
# to the longest; and between two times, in which they are served.
_FIRST_WAIT, _LONGEST_WAIT, _PAUSE = 50, 400, 50


async def lend(
    driver: Connection,
    schemas: Sequence[Identifier],
    statements: Sequence[DdlStatement],
    lock_timeout: int,
) -> None:
    """In all of the schemas at once, so that nothing is locked while another lock is waited for.

    Raises DatabaseBusy after ``lock_timeout`` milliseconds, which from here on is how long each
    statement waits for what it locks beyond that.
    """
    found = await _to_lend(driver, [schema.name for schema in schemas], statements)
    batch = []
    for schema in schemas:
        gives = [
            with_identifiers(
                _SQL[f"give_{row['kind']}"], schema=schema, name=Identifier(row["name"]), owner=DDL
            )
            for row in found
            if row["schema"] == schema.name
        ]
        if gives:
            batch.append(with_identifiers(_SQL["open_for_lending"], schema=schema, ddl=DDL))
            batch += gives
            batch.append(with_identifiers(_SQL["close_for_ddl"], schema=schema, ddl=DDL))
    with translated():
        if batch:
            await _without_keeping_others(driver, ";".join(batch), lock_timeout)
        else:
            await driver.execute(f"SET LOCAL lock_timeout TO {lock_timeout:d}")


async def _to_lend(
    driver: Connection, schemas: list[str], statements: Sequence[DdlStatement]
) -> list[Record]:
    copies = any(statement.kind is DdlKind.CREATE_TABLE_AS for statement in statements)
    names: dict[Kind, set[str]] = defaultdict(set)
    for statement in statements:
        kinds = _CHANGED.get(statement.kind, _EVERYTHING)
        for kind in kinds | _OF_ROWS if copies else kinds:
            names[kind] |= statement.relations
    named = sorted(names[Kind.TABLE] | names[Kind.VIEW] | names[Kind.SEQUENCE])
    relations = await driver.fetch(_SQL["relations_named"], schemas, named) if named else []
    found = [row for row in relations if row["named"] in names[row["kind"]]]
    if copies and any(row["kind"] == Kind.VIEW for row in found):
        # Who reads a view must be allowed to read what is behind it.
        found += await driver.fetch(_SQL["relations_behind_views"], schemas, named)
    if names[Kind.TYPE] or names[Kind.STATISTICS]:
        types, statistics = sorted(names[Kind.TYPE]), sorted(names[Kind.STATISTICS])
        found += await driver.fetch(_SQL["others_named"], schemas, types, statistics)
    of_each = {(row["schema"], row["kind"], row["name"]): row for row in found}
    return [of_each[place] for place in sorted(of_each)]


async def _without_keeping_others(driver: Connection, batch: str, lock_timeout: int) -> None:
    """Takes all locks or none, a little while at a time.

    A lock that is waited for is in the way of all that come later, reading included: behind one
    long transaction a DDL would hold up everybody else as long as it waits.
    """
    deadline = monotonic() + lock_timeout / 1000
    wait = _FIRST_WAIT
    while True:
        left = max(1, round((deadline - monotonic()) * 1000))
        try:
            await driver.execute(
                f"SAVEPOINT lending; SET LOCAL lock_timeout TO {min(wait, left):d}; {batch};"
                f"RELEASE SAVEPOINT lending; SET LOCAL lock_timeout TO {lock_timeout:d}"
            )
        except asyncpg.LockNotAvailableError:
            if left <= wait:
                raise
            await driver.execute("ROLLBACK TO SAVEPOINT lending")
            await asyncio.sleep(_PAUSE / 1000)
            wait = min(2 * wait, _LONGEST_WAIT)
        else:
            return
