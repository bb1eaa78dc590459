"""Copies a pair, all of it or none: reads what the source is, makes the copy, proves it.

Structure without indexes, then rows, then what rests on them (``repository/definitions.py``), then
owners and rights. Definitions are read with the source on search_path, where PostgreSQL prints them
without a schema, and run with the copy on it: no SQL text is searched or replaced.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from asyncpg import Connection, Record

from domain.copies import CloneReport, WhatToCopy
from domain.database import Database
from domain.identifiers import Identifier
from domain.schema import Environment
from exceptions.errors import CloneNotPossible
from repository.clone_failures import (
    all_that_rows_need,
    rights_of_the_service,
    rows_that_hold,
)
from repository.clone_progress import CloneProgress
from repository.clone_proof import check, compare, tallies_of
from repository.definitions import Definitions, read_definitions, rights_by_default
from repository.driver_errors import translated
from repository.extent import Extent
from repository.known_statements import fetch
from repository.managed_columns import facts_of
from repository.node_order import Node
from repository.obstacles import PLAN_FOR_CATALOGS, listed, obstacles, printing
from repository.one_message import in_one_message
from repository.queries import queries, with_identifiers
from repository.roles import DDL
from repository.settling import facts_of_schema, guard_copies, has_marks, unsettled
from repository.stages import Stages
from repository.subset import read_extents

_SQL = queries("clone")


@dataclass(frozen=True, slots=True)
class _Source:
    """``guarded``: facts of its tables that are as exec_ddl leaves them; ``unsettled``: how many
    others there are. Where there are ``obstacles``, no definitions were read; ``unreadable``: why
    they could not be, or nothing.
    """

    environment: Environment
    extent: Extent
    guarded: list[Record]
    unsettled: int
    obstacles: list[str] = field(default_factory=list)
    unreadable: str = ""
    definitions: Definitions = field(default_factory=Definitions)
    rows: list[Record] = field(default_factory=list)


async def clone_database(
    stages: Stages, source: Database, copy: Database, what: WhatToCopy, progress: CloneProgress
) -> CloneReport:
    with translated(), rights_of_the_service(), all_that_rows_need(what):
        with stages.step("reading"):
            sources = await _read_pair(stages, source, copy, what)
        definitions = [each.definitions for each in sources]
        telling = progress.begin(
            statements=sum(each.statements for each in definitions),
            rows=[row for each in sources for row in each.rows],
        )
        making = (_make(stages, copy.schema(each.environment), each, progress) for each in sources)
        await stages.together((telling, *making))
        await progress.did("comparing")
        tallies = await stages.together(
            _prove(stages, copy.schema(each.environment), each, what) for each in sources
        )
        rows = sum(tally["rows"] for of_one in tallies for tally in of_one)
        await progress.end(rows)
    return CloneReport(
        objects=sum(len(each.addresses) for each in definitions),
        tables=sum(len(of_one) for of_one in tallies),
        rows=rows,
        verified=what.verify,
    )


async def _read_pair(
    stages: Stages, source: Database, copy: Database, what: WhatToCopy
) -> list[_Source]:
    """Raises CloneNotPossible, before anything is made."""
    schemas = {each: source.schema(each) for each in Environment if each in what.environments}
    new_names = {source.schema(each).name: copy.schema(each) for each in Environment}
    extents = await _extents(stages, schemas, what.tables)
    sources = await stages.together(
        _read(stages, environment, extent, new_names, with_rows=what.rows)
        for environment, extent in extents.items()
    )
    found = [f"{each.environment}: {told}" for each in sources for told in each.obstacles]
    if found:
        raise CloneNotPossible(f"Nothing was copied. A clone cannot carry: {listed(found)}.")
    for each in sources:
        if each.unreadable:
            raise CloneNotPossible(each.unreadable)
    return sources


async def _extents(
    stages: Stages, schemas: Mapping[Environment, Identifier], tables: frozenset[str] | None
) -> Mapping[Environment, Extent]:
    if tables is None:
        return {environment: Extent(schema) for environment, schema in schemas.items()}
    async with stages.on_source(PLAN_FOR_CATALOGS) as driver:
        return await read_extents(driver, schemas, tables)


async def _read(
    stages: Stages,
    environment: Environment,
    extent: Extent,
    new_names: Mapping[str, Identifier],
    *,
    with_rows: bool,
) -> _Source:
    async with stages.on_source(PLAN_FOR_CATALOGS) as driver:
        tables = await _facts(driver, extent)
        others = {table["oid"]: table for table in unsettled(tables)}
        guarded = [table for table in tables if table["oid"] not in others]
        half_guarded = [oid for oid, table in others.items() if has_marks(table)]
        source = _Source(environment, extent, guarded, unsettled=len(others))
        await driver.execute(printing(extent.schema))
        told = await obstacles(driver, extent, half_guarded, with_rows=with_rows)
        if told:
            return replace(source, obstacles=told)
        of_rows = [table["oid"] for table in tables] if with_rows else None
        try:
            with rights_of_the_service():
                return await _defined(driver, source, new_names, of_rows)
        except CloneNotPossible as error:  # the other schema's obstacles say more
            return replace(source, unreadable=error.message)


async def _defined(
    driver: Connection,
    source: _Source,
    new_names: Mapping[str, Identifier],
    of_rows: list[int] | None,
) -> _Source:
    """``of_rows``: the tables whose rows are to be copied, too."""
    schema = source.extent.schema
    definitions = await read_definitions(
        driver, source.extent, new_names, [table["oid"] for table in source.guarded]
    )
    if of_rows is None:
        return replace(source, definitions=definitions.without_rows())
    target = new_names[schema.name]
    rows = await fetch(driver, _SQL["rows"], schema.name, target.name, DDL.name, of_rows)
    return replace(source, definitions=definitions, rows=rows)


async def _facts(driver: Connection, extent: Extent) -> list[Record]:
    """Of all tables that are carried."""
    if extent.members:
        return await facts_of(driver, list(extent.members.plain_tables))
    return await facts_of_schema(driver, extent.schema)


async def _make(stages: Stages, copy: Identifier, source: _Source, progress: CloneProgress) -> None:
    definitions = source.definitions
    with stages.step("structure", copy):
        await _make_nodes(stages, copy, definitions.before_rows, "structure", progress)
        await _take_default_rights(stages, copy, definitions)
    with rows_that_hold():
        with stages.step("rows", copy):
            await _copy_rows(stages, copy, source.rows, progress)
        with stages.step("indexes and keys", copy):
            await _make_nodes(stages, copy, definitions.after_rows, "indexes and keys", progress)
            for view in definitions.populated:
                async with stages.on_copy(copy, opened=True) as driver:
                    await driver.execute(with_identifiers(_SQL["populate"], view=view))
    with stages.step("comments and rights", copy):
        await _make_the_rest(stages, copy, source, progress)


async def _make_the_rest(
    stages: Stages, copy: Identifier, source: _Source, progress: CloneProgress
) -> None:
    definitions = source.definitions
    await _take_default_rights(stages, copy, definitions)
    for positions in stages.batches(definitions.positions):
        async with stages.on_copy(copy, opened=True) as driver:
            await _set_positions(driver, copy, positions)
    for owners in stages.batches(definitions.owners):
        async with stages.on_copy(copy, opened=True) as driver:
            await in_one_message(driver, owners)
    for tables in stages.batches(source.guarded):
        async with stages.on_copy(copy) as driver:
            # Only guards: settling would add the keys and indexes that its tenant dropped.
            await guard_copies(driver, copy, tables)
    for statements in stages.batches(definitions.last):
        async with stages.on_copy(copy) as driver:
            await in_one_message(driver, statements)
        await progress.did("comments and rights", statements=len(statements))


async def _take_default_rights(stages: Stages, copy: Identifier, definitions: Definitions) -> None:
    """Twice: rows may need what default privileges took, and what comes after them gets some."""
    if not definitions.are_granted:
        return
    async with stages.on_copy(copy) as driver:
        taken = await rights_by_default(driver, copy)
    for statements in stages.batches(taken):
        async with stages.on_copy(copy) as driver:
            await in_one_message(driver, statements)


async def _make_nodes(
    stages: Stages, copy: Identifier, nodes: Sequence[Node], step: str, progress: CloneProgress
) -> None:
    for batch in stages.batches(nodes):
        async with stages.on_copy(copy, opened=True) as driver:
            await in_one_message(driver, (*_by_role(batch), _SQL["become_service"]))
        await progress.did(step, statements=len(batch))


def _by_role(nodes: Iterable[Node]) -> Iterator[str]:
    for by_service, some in groupby(nodes, key=lambda node: node.by_service):
        yield (
            _SQL["become_service"] if by_service else with_identifiers(_SQL["become_ddl"], ddl=DDL)
        )
        yield from (node.statement for node in some)


async def _copy_rows(
    stages: Stages, copy: Identifier, rows: Sequence[Record], progress: CloneProgress
) -> None:
    computed = [table for table in rows if table["is_computed"]]
    plain = [table for table in rows if not table["is_computed"]]
    await stages.together(
        _copy_rows_of(stages, copy, tables, progress)
        for tables in (*stages.batches_of_rows(plain), *stages.batches_of_rows(computed))
    )


async def _copy_rows_of(
    stages: Stages, copy: Identifier, tables: Sequence[Record], progress: CloneProgress
) -> None:
    is_computed = any(table["is_computed"] for table in tables)
    async with stages.on_copy(copy, opened=is_computed, of_source=True) as driver:
        await in_one_message(driver, (table["statement"] for table in tables))
    await progress.did("rows", tables=tables)


async def _set_positions(driver: Connection, copy: Identifier, positions: Sequence[Record]) -> None:
    names = ("name", "last_value", "is_called")
    columns = ([position[name] for position in positions] for name in names)
    await driver.execute(with_identifiers(_SQL["become_ddl"], ddl=DDL))
    await fetch(driver, _SQL["set_positions"], copy.name, *columns)
    await driver.execute(_SQL["become_service"])


async def _prove(
    stages: Stages, copy: Identifier, source: _Source, what: WhatToCopy
) -> list[Record]:
    """What there is of rows."""
    with stages.step("comparing", copy):
        tallies = await tallies_of(stages, source.extent, copy, what.verify) if what.rows else []
        async with stages.on_copy(copy, PLAN_FOR_CATALOGS, printing(copy)) as driver:
            await compare(driver, source.environment, copy, source.definitions)
            await check(driver, copy, source.unsettled)
    return tallies
