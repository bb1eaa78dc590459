"""Copies a pair in the caller's REPEATABLE READ transaction: all of it, or a refusal beforehand.

Structure without indexes, then rows, then keys, indexes and foreign keys, then positions of
sequences and comments. Definitions are read with the source on search_path, where PostgreSQL
prints them without a schema, and run with the copy on it: no SQL text is searched or replaced.
"""

from asyncpg import Connection

from domain.database import Database
from domain.identifiers import Identifier
from exceptions.errors import CloneNotPossible, ServerError
from repository.driver_errors import translated
from repository.queries import queries, with_identifiers
from repository.roles import DDL
from repository.settling import settle

_SQL = queries("clone")

BEFORE_ROWS = ("sequences", "tables")
AFTER_ROWS = ("constraints", "indexes", "sequence_owners", "comments")

_MOST_OBSTACLES_TOLD = 20


async def clone_database(driver: Connection, source: Database, copy: Database) -> None:
    with translated():
        await _refuse_obstacles(driver, source)
        for environment, schema in source.schemas.items():
            await _clone_schema(driver, schema, copy.schema(environment), copy.uid)


async def _refuse_obstacles(driver: Connection, source: Database) -> None:
    found = [
        f"{environment}: {row['obstacle']}"
        for environment, schema in source.schemas.items()
        for row in await driver.fetch(_SQL["obstacles"], schema.name)
    ]
    if found:
        told = "; ".join(found[:_MOST_OBSTACLES_TOLD])
        rest = len(found) - _MOST_OBSTACLES_TOLD
        raise CloneNotPossible(
            f"Nothing was copied. A clone cannot carry: {told}"
            + (f"; and {rest} more." if rest > 0 else ".")
        )


async def _clone_schema(
    driver: Connection, source: Identifier, target: Identifier, run_by: str
) -> None:
    before, after = await _definitions(driver, source)
    positions = await _sequence_positions(driver, source)
    await driver.execute(
        with_identifiers(_SQL["become_copier"], source=source, target=target, ddl=DDL)
    )
    await driver.execute(with_identifiers(_SQL["set_path"], schema=target))
    await _replay(driver, before)
    await _copy_rows(driver, source, target)
    await _replay(driver, after)
    for sequence, (last_value, is_called) in positions.items():
        await driver.fetch(
            with_identifiers(_SQL["set_sequence_position"], target_sequence=sequence),
            last_value,
            is_called,
        )
    await settle(driver, target, run_by)
    await driver.execute(
        with_identifiers(_SQL["stop_copying"], source=source, target=target, ddl=DDL)
    )
    if await driver.fetchval(_SQL["ties"], source.name, target.name):
        raise ServerError


async def _definitions(driver: Connection, source: Identifier) -> tuple[list[str], list[str]]:
    await driver.execute(with_identifiers(_SQL["set_path"], schema=source))

    async def read(kinds: tuple[str, ...]) -> list[str]:
        return [row[0] for kind in kinds for row in await driver.fetch(_SQL[kind], source.name)]

    return await read(BEFORE_ROWS), await read(AFTER_ROWS)


async def _replay(driver: Connection, statements: list[str]) -> None:
    if statements:
        await driver.execute(";".join(statements))


async def _copy_rows(driver: Connection, source: Identifier, target: Identifier) -> None:
    for row in await driver.fetch(_SQL["insertable_columns"], source.name):
        columns = ", ".join(str(Identifier(name)) for name in row["columns"])
        statement = _SQL["copy_rows"].replace("{columns}", columns)
        await driver.execute(
            with_identifiers(
                statement, source=source, target=target, table=Identifier(row["table"])
            )
        )


async def _sequence_positions(
    driver: Connection, source: Identifier
) -> dict[Identifier, tuple[int, bool]]:
    positions = {}
    for row in await driver.fetch(_SQL["sequence_names"], source.name):
        sequence = Identifier(row["relname"])
        position = await driver.fetchrow(
            with_identifiers(_SQL["sequence_position"], source=source, sequence=sequence)
        )
        if position is not None:
            positions[sequence] = (position["last_value"], position["is_called"])
    return positions
