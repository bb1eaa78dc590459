"""What keeps a pair from being cloned; asked before anything is made."""

from collections.abc import Sequence

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
_STANDS_ALONE = BELONGINGS + _SQL["stands_alone"]

PLAN_FOR_CATALOGS = _SQL["plan_for_catalogs"]
"""For the whole transaction: planning a query of the catalogs takes longer than running it."""

_MOST_TOLD = 20


def printing(schema: Identifier) -> str:
    """From here on, what PostgreSQL prints of the schema can be run for another one."""
    return with_identifiers(_SQL["printing"], schema=schema)


async def obstacles(
    driver: Connection, extent: Extent, unsettled: Sequence[int], *, with_rows: bool
) -> list[str]:
    """As «object: reason», with search_path on the source.

    ``unsettled``: tables that a DDL would not leave so.
    """
    given = (unsettled, *DML_ROLE_NAMES, with_rows, OWNER.name)
    told = await fetch(driver, _OBSTACLES, [extent.schema.name], *given)
    left_out = extent.members.left_out if extent.members else frozenset()
    return list(dict.fromkeys(row["obstacle"] for row in told if row["part"] not in left_out))


def listed(told: Sequence[str], most: int = _MOST_TOLD, separator: str = "; ") -> str:
    """For a message, which somebody is to read."""
    rest = len(told) - most
    return separator.join([*told[:most], *([f"and {rest} more"] if rest > 0 else [])])


async def stands_alone(driver: Connection, schema: Identifier) -> bool:
    """Whether nothing in the schema rests on anything outside it."""
    (row,) = await fetch(driver, _STANDS_ALONE, [schema.name])
    alone: bool = row["alone"]
    return alone
