"""The names in a pair's schemas, for hints to whoever misspelt one."""

from asyncpg import Connection

from domain.database import Database
from domain.schema import Environment
from domain.suggestions import PairNames
from repository.driver_errors import translated
from repository.queries import queries

_SQL = queries("names")


async def names(driver: Connection, database: Database) -> PairNames:
    found: dict[Environment, dict[str, list[str]]] = {}
    with translated():
        for environment, schema in database.schemas.items():
            rows = await driver.fetch(_SQL["relations"], schema.name)
            found[environment] = {row["relation"]: row["columns"] for row in rows}
    return found
