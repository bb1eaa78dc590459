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
from repository.known_statements import fetch
from repository.obstacles import (
    PLAN_AS_EVER,
    PLAN_FOR_CATALOGS,
    obstacles,
    open_source,
    stand_alone,
)
from repository.queries import queries, with_identifiers
from repository.roles import DDL
from repository.settling import facts_of_schemas, guard, take_others_back, unsettled

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
        await driver.execute(PLAN_FOR_CATALOGS)
        tables = await facts_of_schemas(driver, source.schemas.values())
        await _refuse_obstacles(driver, source, tables)
        definitions = {
            environment: await _read(driver, schema, copy.schema(environment))
            for environment, schema in source.schemas.items()
        }
        await driver.execute(PLAN_AS_EVER)
        for environment, schema in source.schemas.items():
            target = copy.schema(environment)
            await _make(driver, target, definitions[environment])
            await take_others_back(driver, target)
            # Only guards: settling would add the keys and indexes that its tenant dropped.
            originals = [facts for facts in tables if facts["schema"] == schema.name]
            await guard(driver, target, originals, of_originals=True)
        await _check(driver, copy)


async def _refuse_obstacles(driver: Connection, source: Database, tables: list[Record]) -> None:
    of_each = await obstacles(
        driver,
        list(source.schemas.values()),
        [facts["oid"] for facts in unsettled(tables)],
    )
    found = [
        f"{environment}: {obstacle}"
        for environment, of_one in zip(source.schemas, of_each, strict=True)
        for obstacle in of_one
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

    async def read(name: str, *arguments: str) -> list[str]:
        return [row[0] for row in await fetch(driver, _SQL[name], source.name, *arguments)]

    (positions,) = await read("read_positions")
    return Definitions(
        before_rows=await read("sequences") + await read("tables"),
        rows=await read("rows", target.name, DDL.name),
        after_rows=[
            *await read("keys"),
            *await read("checks"),
            *await read("foreign_keys"),
            *await read("sequence_owners"),
            *await read("comments"),
        ],
        # Sequences know no snapshot: read after it began, they are where its rows are or beyond.
        positions=await driver.fetch(positions) if positions else [],
    )


async def _make(driver: Connection, target: Identifier, definitions: Definitions) -> None:
    open_copy, become_ddl, close_copy = (
        with_identifiers(_SQL[step], target=target, ddl=DDL)
        for step in ("open_copy", "become_ddl", "close_copy")
    )
    become_service = _SQL["become_service"]
    await _run(driver, open_copy, become_ddl, *definitions.before_rows, become_service)
    await _run(driver, *definitions.rows)
    with _rows_that_hold():
        await _run(driver, become_ddl, *definitions.after_rows)
    if definitions.positions:
        await fetch(
            driver,
            _SQL["set_positions"],
            target.name,
            *(
                [position[field] for position in definitions.positions]
                for field in ("name", "last_value", "is_called")
            ),
        )
    await _run(driver, become_service, close_copy)


async def _check(driver: Connection, copy: Database) -> None:
    """What was made is whole: every table is settled, and nothing rests on anything outside."""
    copies = copy.schemas.values()
    await driver.execute(PLAN_FOR_CATALOGS)
    if unsettled(await facts_of_schemas(driver, copies)) or not await stand_alone(driver, copies):
        raise ServerError


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
    if statements:  # asyncpg cannot take the answer to none
        await driver.execute(";".join(statements))
