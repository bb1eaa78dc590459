"""Runs a tenant's DDL as ``twinbase_ddl``, which can reach nothing but one schema meanwhile.

Objects belong to ``twinbase_owner`` at rest: PostgreSQL checks foreign keys as a table's owner,
and that owner must be able to enter the schema (docs/decisions/roles.md). For the length of a
DDL what it may change belongs to ``twinbase_ddl``.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from asyncpg import Connection

from domain.gate import DdlKind, DdlStatement
from domain.identifiers import Identifier
from domain.observation import NOBODY, ObservedStatement, Observers
from exceptions.errors import DdlFailed
from repository.driver_errors import Place, translated
from repository.lending import lend
from repository.one_message import in_one_message
from repository.queries import queries, with_identifiers
from repository.roles import DDL
from repository.settling import (
    manage_columns,
    prove_settled,
    settle,
    settle_what_was_not_lent,
)

_SQL = queries("schemas")

# What may name the managed columns of tables made just before. Not ALTER TABLE: it may be about to
# give its table another key than the one that it would find.
_BUILDS_ON_TABLES = frozenset(
    {
        DdlKind.CREATE_TABLE,
        DdlKind.CREATE_TABLE_AS,
        DdlKind.CREATE_INDEX,
        DdlKind.CREATE_VIEW,
        DdlKind.CREATE_STATISTICS,
    }
)
# Others need no index; who makes views and indexes first may give the table its key afterwards.
_BUILDS_ON_KEYS = frozenset({DdlKind.CREATE_TABLE})

# May compute a value for rows that are there, by a default or a query that draws from a sequence.
_EVALUATES = frozenset({DdlKind.CREATE_TABLE_AS, DdlKind.ALTER_TABLE, DdlKind.ALTER_DOMAIN})


async def exec_ddl(
    driver: Connection,
    schemas: Sequence[Identifier],
    statements: Sequence[DdlStatement],
    run_by: str,
    lock_timeout: int,
    *,
    rehearsal: bool = False,
    observers: Observers = NOBODY,
) -> None:
    """All of them in each schema, or an error; the caller's transaction decides what becomes of it.

    ``lock_timeout``: milliseconds. ``rehearsal``: it will be rolled back, and then everything is
    as it was, also what PostgreSQL does not roll back.
    """
    with ObservedStatement(observers.of_statements, "LOCK TABLE", schemas[0]):
        await lend(driver, schemas, statements, lock_timeout)
    if rehearsal:
        await _keep_positions(driver, schemas, statements)
    tables = []
    for schema in schemas:
        async with open_for_ddl(driver, schema):
            tables += await _run(driver, schema, statements, run_by, observers)
    with translated(DdlFailed):
        await prove_settled(driver, tables)


async def _keep_positions(
    driver: Connection, schemas: Sequence[Identifier], statements: Sequence[DdlStatement]
) -> None:
    """What is drawn from a sequence is drawn for good, unless the transaction has altered it."""
    if not any(statement.kind in _EVALUATES for statement in statements):
        return
    named = sorted({name for statement in statements for name in statement.relations})
    with translated():
        sequences = await driver.fetch(
            _SQL["sequences_drawn_from"], [schema.name for schema in schemas], named
        )
        batch = [
            with_identifiers(
                _SQL["alter_sequence"],
                schema=Identifier(row["schema"]),
                name=Identifier(row["name"]),
            )
            + f" CACHE {row['cache']:d}"
            for row in sequences
        ]
        await in_one_message(driver, batch)


async def _run(
    driver: Connection,
    schema: Identifier,
    statements: Sequence[DdlStatement],
    run_by: str,
    observers: Observers,
) -> list[int]:
    """The tables that were settled."""
    for number, statement in enumerate(statements, start=1):
        with translated(DdlFailed, Place(statement, number)):
            if number > 1 and statement.kind in _BUILDS_ON_TABLES:
                with_indexes = statement.kind in _BUILDS_ON_KEYS
                await manage_columns(
                    driver, schema, run_by, statement.relations, with_indexes=with_indexes
                )
            with ObservedStatement(
                observers.of_statements, statement.kind, schema, number, statement
            ):
                # One message, one statement: the extended protocol takes no second one.
                await driver.fetch(statement.text)
    with translated(DdlFailed):
        tables = await settle(driver, schema, run_by)
        if any(_may_take_more(statement) for statement in statements):
            tables += await settle_what_was_not_lent(driver, schema, run_by)
    return tables


def _may_take_more(statement: DdlStatement) -> bool:
    """Than it names: with a type, and tables and views are types, go columns of any table.

    The word cannot be disguised; where it means something else, all is found in order.
    """
    return statement.kind is not DdlKind.CREATE_TABLE and "cascade" in statement.text.lower()


@asynccontextmanager
async def open_for_ddl(driver: Connection, schema: Identifier) -> AsyncIterator[None]:
    """Inside, the role is ``twinbase_ddl``, and the service again at the end."""
    opening = (
        with_identifiers(_SQL["open_for_ddl"], schema=schema, ddl=DDL),
        with_identifiers(_SQL["become_ddl"], schema=schema, ddl=DDL),
    )
    with translated():
        await in_one_message(driver, opening)
    yield
    with translated(DdlFailed):  # what stands in the way, the statements have left
        await driver.execute(with_identifiers(_SQL["close_for_ddl"], schema=schema, ddl=DDL))
