"""Taking the service's database away, so that bootstrap and migrations make it anew."""

from dataclasses import dataclass

import asyncpg

from domain.identifiers import Identifier
from repository.bootstrap import BootstrapError, database_of, same_database
from repository.queries import queries, with_identifiers

_SQL = queries("rebuild")
_BOOTSTRAP = queries("bootstrap")


@dataclass(frozen=True, slots=True)
class Contents:
    """What would be lost. ``tables_of_others``: in schemas that are not the service's."""

    database: str
    databases: int
    tables_of_others: int
    sessions: int


async def contents(admin_url: str, database_url: str) -> Contents | None:
    """None: there is no such database. Raises asyncpg's errors, OSError."""
    name = database_of(database_url)
    admin = await asyncpg.connect(admin_url)
    try:
        if not await admin.fetchval(_BOOTSTRAP["database_exists"], name):
            return None
        sessions = await admin.fetchval(_SQL["sessions"], name)
    finally:
        await admin.close()
    inside = await asyncpg.connect(same_database(admin_url, database_url))
    try:
        has_metadata = await inside.fetchval(_SQL["has_metadata"])
        databases = await inside.fetchval(_SQL["databases"]) if has_metadata else 0
        others = await inside.fetchval(_SQL["tables_of_others"])
    finally:
        await inside.close()
    return Contents(name, databases, others, sessions)


async def drop(admin_url: str, database_url: str) -> None:
    """Ends who is in it. Raises BootstrapError, asyncpg's errors, OSError."""
    name = database_of(database_url)
    if database_of(admin_url) == name:
        raise BootstrapError(
            f"TWINBASE_ADMIN_URL names the database {name} itself, which cannot be dropped from"
            " within; name another one, such as postgres"
        )
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(with_identifiers(_SQL["drop_database"], database=Identifier(name)))
    finally:
        await admin.close()
