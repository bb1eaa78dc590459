"""Copies a pair in the caller's REPEATABLE READ transaction: all of it, or a refusal beforehand.

Structure without indexes, then rows, then what rests on them (``repository/definitions.py``), then
owners and rights. Definitions are read with the source on search_path, where PostgreSQL prints them
without a schema, and run with the copy on it: no SQL text is searched or replaced.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby

import asyncpg
from asyncpg import Connection, Record

from domain.copies import CloneReport, Verify, WhatToCopy
from domain.database import Database
from domain.identifiers import Identifier
from domain.schema import Environment
from exceptions.errors import CloneNotPossible, ServerError
from repository.definitions import Definitions, Node, addresses_in, read_definitions
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
from repository.settling import facts_of_schemas, guard, has_marks, unsettled

_SQL = queries("clone")

_MOST_OBSTACLES_TOLD = 20


async def clone_database(
    driver: Connection, source: Database, copy: Database, what: WhatToCopy
) -> CloneReport:
    schemas = {each: source.schema(each) for each in Environment if each in what.environments}
    with translated(), _rights_of_the_service():
        await driver.execute(PLAN_FOR_CATALOGS)
        tables = await facts_of_schemas(driver, schemas.values())
        not_settled = unsettled(tables)
        half_guarded = [facts["oid"] for facts in not_settled if has_marks(facts)]
        await _refuse_obstacles(driver, schemas, half_guarded)
        settled = [facts for facts in tables if facts not in not_settled]
        guarded = [facts["oid"] for facts in settled]
        new_names = {source.schema(each).name: copy.schema(each) for each in Environment}
        copies = {
            environment: await _read(driver, schema, new_names, guarded, what)
            for environment, schema in schemas.items()
        }
        await driver.execute(PLAN_AS_EVER)
        tallies: list[Record] = []
        for environment, schema in schemas.items():
            target = copy.schema(environment)
            definitions = copies[environment]
            await _make(driver, target, definitions)
            tallies += await _tallies(driver, schema, target, what)
            # Only guards: settling would add the keys and indexes that its tenant dropped.
            originals = [facts for facts in settled if facts["schema"] == schema.name]
            await guard(driver, target, originals, of_originals=True)
            await _run(driver, *definitions.comments, *definitions.rights, *definitions.of_schema)
            await _compare(driver, environment, target, definitions)
        await _check(driver, copy, len(not_settled))
    return CloneReport(
        objects=sum(len(definitions.addresses) for definitions in copies.values()),
        tables=len(tallies),
        rows=sum(tally["copied"] for tally in tallies),
        verified=what.verify,
    )


async def _refuse_obstacles(
    driver: Connection, schemas: Mapping[Environment, Identifier], half_guarded: list[int]
) -> None:
    of_each = await obstacles(driver, list(schemas.values()), half_guarded)
    found = [
        f"{environment}: {obstacle}"
        for environment, of_one in zip(schemas, of_each, strict=True)
        for obstacle in of_one
    ]
    if found:
        told = "; ".join(found[:_MOST_OBSTACLES_TOLD])
        rest = len(found) - _MOST_OBSTACLES_TOLD
        raise CloneNotPossible(
            f"Nothing was copied. A clone cannot carry: {told}"
            + (f"; and {rest} more." if rest > 0 else ".")
        )


async def _read(
    driver: Connection,
    source: Identifier,
    new_names: Mapping[str, Identifier],
    guarded: Sequence[int],
    what: WhatToCopy,
) -> Definitions:
    await open_source(driver, source)
    definitions = await read_definitions(driver, source, new_names, guarded)
    if not what.rows:
        return definitions.without_rows()
    target = new_names[source.name]
    rows = await fetch(driver, _SQL["rows"], source.name, target.name, DDL.name)
    definitions.rows = [row[0] for row in rows]
    return definitions


async def _make(driver: Connection, target: Identifier, definitions: Definitions) -> None:
    """All but the guard and the rights; the copy remains on search_path."""
    open_copy, become_ddl, close_copy = (
        with_identifiers(_SQL[step], target=target, ddl=DDL)
        for step in ("open_copy", "become_ddl", "close_copy")
    )
    become_service = _SQL["become_service"]
    await _run(driver, open_copy, *_by_role(definitions.before_rows), become_service)
    with _rows_that_hold():
        await _run(driver, *definitions.rows)
        await _run(driver, *_by_role(definitions.after_rows), become_service)
        for view in definitions.populated:
            await _run(driver, with_identifiers(_SQL["populate"], view=view))
    if definitions.positions:
        await _run(driver, become_ddl)
        await fetch(
            driver,
            _SQL["set_positions"],
            target.name,
            *(
                [position[field] for position in definitions.positions]
                for field in ("name", "last_value", "is_called")
            ),
        )
        await _run(driver, become_service)
    await _run(driver, *definitions.owners, close_copy)


def _by_role(nodes: Iterable[Node]) -> Iterator[str]:
    for by_service, some in groupby(nodes, key=lambda node: node.by_service):
        yield (
            _SQL["become_service"] if by_service else with_identifiers(_SQL["become_ddl"], ddl=DDL)
        )
        yield from (node.statement for node in some)


async def _tallies(
    driver: Connection, source: Identifier, copy: Identifier, what: WhatToCopy
) -> list[Record]:
    """Of each table, how many rows there are, and that they are the source's."""
    if not what.rows:
        return []
    with_checksums = what.verify is Verify.CHECKSUMS
    ((query,),) = await fetch(driver, _SQL["tallies"], source.name, copy.name, with_checksums)
    tallies = await driver.fetch(query) if query else []
    different = [tally["name"] for tally in tallies if not tally["agree"]]
    if different:
        raise CloneNotPossible(
            "Nothing was copied. The rows of the copy would differ from its source's in "
            + ", ".join(different[:_MOST_OBSTACLES_TOLD])
        )
    return tallies


async def _compare(
    driver: Connection, environment: Environment, copy: Identifier, original: Definitions
) -> None:
    """That each object of the source is there again, and no other one."""
    await driver.execute(PLAN_FOR_CATALOGS)
    await open_source(driver, copy)
    found = await addresses_in(driver, copy)
    await driver.execute(PLAN_AS_EVER)
    await _run(driver, _SQL["leave_copy"])
    different = sorted(found ^ original.addresses)
    if different:
        raise CloneNotPossible(
            f"Nothing was copied. {environment}: the copy and its source would differ in "
            + "; ".join(different[:_MOST_OBSTACLES_TOLD])
        )


async def _check(driver: Connection, copy: Database, unsettled_before: int) -> None:
    """What was made is whole: as many tables are settled, and nothing rests on another's."""
    copies = copy.schemas.values()
    await driver.execute(PLAN_FOR_CATALOGS)
    not_settled = unsettled(await facts_of_schemas(driver, copies))
    if len(not_settled) != unsettled_before:
        raise ServerError
    if not await stand_alone(driver, copies):
        raise CloneNotPossible(
            "Nothing was copied. Something in the copy would rest on its source, perhaps because it"
            " bears a name that is PostgreSQL's own, too."
        )


@contextmanager
def _rights_of_the_service() -> Iterator[None]:
    """An operator may have put something there of which the service may not make another."""
    try:
        yield
    except asyncpg.InsufficientPrivilegeError as error:
        raise CloneNotPossible(
            f"Nothing was copied. The service lacks a right that a copy needs: {error.args[0]}."
        ) from error


@contextmanager
def _rows_that_hold() -> Iterator[None]:
    """A check may have been true of a row when it came, and not be today: CHECK (day >= now())."""
    try:
        yield
    except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
        # Not PostgreSQL's own words: they may tell a value of somebody's row.
        whose = f" of table {error.table_name}" if error.table_name else ""
        named = error.constraint_name
        constraint = f"{named}{whose}" if named else "one of its constraints"
        raise CloneNotPossible(
            f"Nothing was copied. There are rows that {constraint} would not let in today."
        ) from error


async def _run(driver: Connection, *statements: str) -> None:
    if statements:  # asyncpg cannot take the answer to none
        await driver.execute(";".join(statements))
