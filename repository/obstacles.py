"""What keeps a schema from being cloned; asked before anything is made."""

from asyncpg import Connection

from domain.identifiers import Identifier
from repository.queries import queries, with_identifiers
from repository.roles import DML, READER, SPACE
from repository.settling import unsettled_tables

_SQL = queries("obstacles")

BELONGINGS = _SQL["belongings"]
"""Begins a query that reads ``carried``: all that a clone of the schema $1 carries."""


async def open_source(driver: Connection, schema: Identifier) -> None:
    """From here on, what PostgreSQL prints of the schema can be run for another one."""
    await driver.execute(with_identifiers(_SQL["open_source"], schema=schema))


async def obstacles(driver: Connection, schema: Identifier) -> list[str]:
    """Each as «object: reason»."""
    await open_source(driver, schema)
    unsettled = [facts["oid"] for facts in await unsettled_tables(driver, schema)]
    query = BELONGINGS + _SQL["obstacles"]
    roles = (DML.name, SPACE.name, READER.name)
    return [row[0] for row in await driver.fetch(query, schema.name, unsettled, *roles)]


async def stands_alone(driver: Connection, schema: Identifier) -> bool:
    """Whether nothing in the schema rests on anything outside it."""
    alone: bool = await driver.fetchval(BELONGINGS + _SQL["stands_alone"], schema.name)
    return alone
