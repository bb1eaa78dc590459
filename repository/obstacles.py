"""What keeps a pair from being cloned; asked before anything is made."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from asyncpg import Connection

from domain.identifiers import Identifier
from repository.extent import Extent
from repository.known_statements import fetch
from repository.queries import queries, with_identifiers
from repository.roles import DML_ROLE_NAMES, OWNER

_SQL = queries("obstacles")
BELONGINGS = _SQL["belongings"]
"""Begins queries of all that belongs to schemas."""

_OBSTACLES = BELONGINGS + _SQL["obstacles"]
_STAND_ALONE = BELONGINGS + _SQL["stand_alone"]

_MOST_TOLD = 20


@asynccontextmanager
async def for_catalogs(
    entered: AbstractAsyncContextManager[Connection],
) -> AsyncIterator[Connection]:
    """Planning a query of the catalogs takes longer than running it: here it does not."""
    async with entered as driver:
        await driver.execute(_SQL["plan_for_catalogs"])
        yield driver
        await driver.execute(_SQL["plan_as_ever"])


async def open_source(driver: Connection, schema: Identifier) -> None:
    """From here on, what PostgreSQL prints of the schema can be run for another one."""
    await driver.execute(with_identifiers(_SQL["open_source"], schema=schema))


async def obstacles(
    driver: Connection, extents: Sequence[Extent], unsettled: Sequence[int], *, with_rows: bool
) -> list[list[str]]:
    """Of each, as «object: reason»; ``unsettled``: tables that a DDL would not leave so."""
    names = [extent.schema.name for extent in extents]
    given = (unsettled, *DML_ROLE_NAMES, with_rows, OWNER.name)
    if not await fetch(driver, _OBSTACLES, names, *given):
        return [[] for _ in extents]
    found = []
    for extent in extents:  # asked again one by one, so that names are told without a schema
        await open_source(driver, extent.schema)
        told = await fetch(driver, _OBSTACLES, [extent.schema.name], *given)
        left_out = extent.members.left_out if extent.members else frozenset()
        found.append(
            list(dict.fromkeys(row["obstacle"] for row in told if row["part"] not in left_out))
        )
    return found


def listed(told: Sequence[str], most: int = _MOST_TOLD, separator: str = "; ") -> str:
    """For a message, which somebody is to read."""
    rest = len(told) - most
    return separator.join([*told[:most], *([f"and {rest} more"] if rest > 0 else [])])


async def stand_alone(driver: Connection, schemas: Iterable[Identifier]) -> bool:
    """Whether nothing in any of the schemas rests on anything outside it."""
    (row,) = await fetch(driver, _STAND_ALONE, [schema.name for schema in schemas])
    alone: bool = row["alone"]
    return alone
