"""Runs a tenant's DDL in one schema as ``twinbase_ddl``, which can reach nothing else meanwhile.

Tables belong to ``twinbase_owner`` at rest: PostgreSQL checks foreign keys as a table's owner,
and that owner must be able to enter the schema (docs/decisions/roles.md). For the length of a
DDL the tables it names belong to ``twinbase_ddl``.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from asyncpg import Connection

from domain.gate import DdlKind, DdlStatement
from domain.identifiers import Identifier
from exceptions.errors import DdlFailed
from repository.driver_errors import statement_position, translated
from repository.queries import queries, with_identifiers
from repository.roles import DDL
from repository.settling import manage_columns, settle

_SQL = queries("schemas")

# Not ALTER TABLE: it may be about to give its table another key than the one that it would find.
_BUILDS_ON_TABLES = frozenset({DdlKind.CREATE_TABLE, DdlKind.CREATE_TABLE_AS, DdlKind.CREATE_INDEX})


async def exec_ddl(
    driver: Connection, schema: Identifier, statements: Sequence[DdlStatement], run_by: str
) -> None:
    """All of them, or an error; the caller's transaction decides what becomes of them."""
    named = sorted({name for statement in statements for name in statement.relations})
    async with open_for_ddl(driver, schema, named):
        for number, statement in enumerate(statements, start=1):
            with translated(DdlFailed, statement_position(statement, number)):
                if number > 1 and statement.kind in _BUILDS_ON_TABLES:
                    await manage_columns(driver, schema, run_by, statement.relations)
                # One message, one statement: the extended protocol takes no second one.
                await driver.fetch(statement.text)
        with translated(DdlFailed):
            await settle(driver, schema, run_by)


@asynccontextmanager
async def open_for_ddl(
    driver: Connection, schema: Identifier, named: Sequence[str]
) -> AsyncIterator[None]:
    """Inside, the role is ``twinbase_ddl`` and owns the tables of these names."""
    tables = await driver.fetch(_SQL["tables_named"], schema.name, named)
    batch = [with_identifiers(_SQL["open_for_ddl"], schema=schema, ddl=DDL)]
    batch += [
        with_identifiers(
            _SQL["lend_table"], schema=schema, table=Identifier(row["relname"]), ddl=DDL
        )
        for row in tables
    ]
    batch.append(with_identifiers(_SQL["become_ddl"], schema=schema, ddl=DDL))
    with translated():
        await driver.execute(";".join(batch))
    yield
    with translated():
        await driver.execute(
            ";".join(
                (
                    with_identifiers(_SQL["become_service"]),
                    with_identifiers(_SQL["close_for_ddl"], schema=schema, ddl=DDL),
                )
            )
        )
