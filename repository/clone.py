"""Copies a pair in the caller's REPEATABLE READ transaction: all of it, or a refusal beforehand.

Structure without indexes, then rows, then indexes, keys and checks, then positions of sequences
and comments. Definitions are read with the source on search_path, where PostgreSQL prints them
without a schema, and run with the copy on it: no SQL text is searched or replaced.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import asyncpg
from asyncpg import Connection, Record

from domain.database import Database
from domain.identifiers import Identifier
from exceptions.errors import CloneNotPossible, ServerError
from repository.driver_errors import translated
from repository.obstacles import BELONGINGS, obstacles, open_source, stands_alone
from repository.queries import queries, with_identifiers
from repository.roles import DDL
from repository.settling import guard, take_others_back, unsettled_tables

_SQL = queries("clone")

_MOST_OBSTACLES_TOLD = 20


@dataclass(frozen=True, slots=True)
class Definitions:
    """Statements, and where the sequences stand."""

    before_rows: list[str]
    rows: list[str]
    after_rows: list[str]
    positions: list[Record]


async def clone_database(driver: Connection, source: Database, copy: Database) -> None:
    with translated():
        await _refuse_obstacles(driver, source)
        for environment, schema in source.schemas.items():
            target = copy.schema(environment)
            await _make(driver, target, await _read(driver, schema, target))
            await _guard(driver, target)
            if not await stands_alone(driver, target):
                raise ServerError


async def _refuse_obstacles(driver: Connection, source: Database) -> None:
    found = [
        f"{environment}: {obstacle}"
        for environment, schema in source.schemas.items()
        for obstacle in await obstacles(driver, schema)
    ]
    if found:
        told = "; ".join(found[:_MOST_OBSTACLES_TOLD])
        rest = len(found) - _MOST_OBSTACLES_TOLD
        raise CloneNotPossible(
            f"Nothing was copied. A clone cannot carry: {told}"
            + (f"; and {rest} more." if rest > 0 else ".")
        )


async def _read(driver: Connection, source: Identifier, target: Identifier) -> Definitions:
    await open_source(driver, source)

    async def read(query: str, *arguments: str) -> list[str]:
        return [row[0] for row in await driver.fetch(query, source.name, *arguments)]

    (positions,) = await read(_SQL["read_positions"])
    return Definitions(
        before_rows=await read(_SQL["sequences"]) + await read(_SQL["tables"]),
        rows=await read(_SQL["rows"], target.name, DDL.name),
        after_rows=[
            *await read(_SQL["keys"]),
            *await read(_SQL["checks"]),
            *await read(_SQL["foreign_keys"]),
            *await read(_SQL["sequence_owners"]),
            *await read(BELONGINGS + _SQL["comments"]),
        ],
        # Sequences know no snapshot: read after it began, they are where its rows are or beyond.
        positions=await driver.fetch(positions) if positions else [],
    )


async def _make(driver: Connection, target: Identifier, definitions: Definitions) -> None:
    become_ddl = with_identifiers(_SQL["become_ddl"], ddl=DDL)
    become_service = _SQL["become_service"]
    await driver.execute(with_identifiers(_SQL["open_copy"], target=target, ddl=DDL))
    await _run(driver, become_ddl, *definitions.before_rows, become_service)
    for statement in definitions.rows:
        await driver.execute(statement)
    with _rows_that_hold():
        await _run(driver, become_ddl, *definitions.after_rows)
    await driver.fetch(
        _SQL["set_positions"],
        target.name,
        *(
            [position[field] for position in definitions.positions]
            for field in ("name", "last_value", "is_called")
        ),
    )
    await driver.execute(become_service)
    await driver.execute(with_identifiers(_SQL["close_copy"], target=target, ddl=DDL))


@contextmanager
def _rows_that_hold() -> Iterator[None]:
    """A check may have been true of a row when it came, and not be today: CHECK (day >= now())."""
    try:
        yield
    except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
        # Not PostgreSQL's own words: they may tell a value of somebody's row.
        named = error.constraint_name
        constraint = f"{named} of table {error.table_name}" if named else "one of its constraints"
        raise CloneNotPossible(
            f"Nothing was copied. There are rows that {constraint} would not let in today."
        ) from error


async def _run(driver: Connection, *statements: str) -> None:
    await driver.execute(";".join(statements))


async def _guard(driver: Connection, target: Identifier) -> None:
    """Only guards: settling would add the keys and indexes that the source's tenant dropped."""
    await take_others_back(driver, target)
    await guard(driver, target, await unsettled_tables(driver, target))
    if await unsettled_tables(driver, target):
        raise ServerError
