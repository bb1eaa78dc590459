"""What keeps a pair from being cloned; asked before anything is made."""

from collections.abc import Iterable, Sequence

from asyncpg import Connection

from domain.identifiers import Identifier
from repository.known_statements import fetch
from repository.queries import queries, with_identifiers
from repository.roles import DML_ROLE_NAMES

_SQL = queries("obstacles")
_OBSTACLES = _SQL["belongings"] + _SQL["obstacles"]
_STAND_ALONE = _SQL["belongings"] + _SQL["stand_alone"]

PLAN_FOR_CATALOGS = _SQL["plan_for_catalogs"]
"""Planning a query of the catalogs takes longer than running it; until ``PLAN_AS_EVER``."""

PLAN_AS_EVER = _SQL["plan_as_ever"]


async def open_source(driver: Connection, schema: Identifier) -> None:
    """From here on, what PostgreSQL prints of the schema can be run for another one."""
    await driver.execute(with_identifiers(_SQL["open_source"], schema=schema))


async def obstacles(
    driver: Connection, schemas: Sequence[Identifier], unsettled: Sequence[int]
) -> list[list[str]]:
    """Of each schema, as «object: reason»; ``unsettled``: tables that a DDL would not leave so."""
    names = [schema.name for schema in schemas]
    if not await fetch(driver, _OBSTACLES, names, unsettled, *DML_ROLE_NAMES):
        return [[] for _ in schemas]
    found = []
    for schema in schemas:  # asked again one by one, so that names are told without a schema
        await open_source(driver, schema)
        told = await fetch(driver, _OBSTACLES, [schema.name], unsettled, *DML_ROLE_NAMES)
        found.append([row["obstacle"] for row in told])
    return found


async def stand_alone(driver: Connection, schemas: Iterable[Identifier]) -> bool:
    """Whether nothing in any of the schemas rests on anything outside it."""
    (row,) = await fetch(driver, _STAND_ALONE, [schema.name for schema in schemas])
    alone: bool = row["alone"]
    return alone
