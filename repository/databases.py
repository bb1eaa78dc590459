"""``database_meta`` and ``schema_meta``: who has which database."""

from datetime import datetime

from asyncpg import Connection, Record

from domain.database import Database, DatabasePage, DatabaseStatus, NewDatabase, RowAccess
from domain.identifiers import Identifier
from domain.ownership import Caller
from domain.schema import Environment, schema_name_of
from exceptions.errors import ModifyFailed
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries

CHANGES_CHANNEL = "twinbase_databases"
"""NOTIFY carries the id of a database that was dropped or changed."""

_SQL = queries("databases")
_FIND, _LOCK_TO_READ = (
    "\n".join(("SELECT", _SQL["columns"], _SQL["databases"], _SQL[those]))
    for those in ("find", "lock_to_read")
)
_LIST = "\n".join(("SELECT", _SQL["columns"], _SQL["list_databases"]))
_LIST_EVERY = "\n".join(("SELECT", _SQL["columns"], _SQL["list_every_database"]))
_LOCK = "\n".join((_SQL["lock"], _SQL["columns"]))


class Databases:
    """``driver`` is the connection of a running transaction; nothing here commits."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def find(self, database_id: int) -> Database | None:
        return await self._one(_FIND, database_id)

    async def lock(self, database_id: int) -> Database | None:
        """Writes the row, too: a clone that waits with an older snapshot then fails (40001).

        It would find the tables that a DDL has meanwhile written anew to be empty.
        """
        return await self._one(_LOCK, database_id, CHANGES_CHANNEL)

    async def lock_to_read(self, database_id: int) -> Database | None:
        return await self._one(_LOCK_TO_READ, database_id)

    async def create_database(self, new: NewDatabase) -> Database:
        with translated():
            (row,) = await fetch(
                self._driver,
                _SQL["add_database"],
                new.uid,
                new.name,
                new.description,
                new.space_id,
                new.row_access,
                new.status,
                new.platform_id,
            )
            schemas = {
                environment: schema_name_of(environment, row["id"]) for environment in Environment
            }
            await fetch(
                self._driver,
                _SQL["add_schemas"],
                row["id"],
                schemas[Environment.PROD].name,
                schemas[Environment.TEST].name,
                new.uid,
            )
        return Database(
            id=row["id"],
            platform_id=new.platform_id,
            shared_with=frozenset(),
            name=new.name,
            uid=new.uid,
            description=new.description,
            space_id=new.space_id,
            status=new.status,
            row_access=new.row_access,
            create_at=datetime.fromisoformat(row["create_at"]),
            update_at=datetime.fromisoformat(row["update_at"]),
            schemas=schemas,
        )

    async def drop_database(self, database: Database, dropped_by: str) -> Database | None:
        with translated():
            dropped = await fetch(
                self._driver, _SQL["drop_database"], database.id, dropped_by, CHANGES_CHANNEL
            )
        return database if dropped else None

    async def set_ready(self, database: Database) -> bool:
        with translated():
            return bool(await fetch(self._driver, _SQL["set_ready"], database.id, CHANGES_CHANNEL))

    async def modify_db_description(
        self, database: Database, description: str, modified_by: str
    ) -> None:
        change = (database.id, modified_by, description, CHANGES_CHANNEL)
        with translated(ModifyFailed):
            await fetch(self._driver, _SQL["modify_db_description"], *change)

    async def set_row_access(self, database: Database, row_access: RowAccess, set_by: str) -> None:
        change = (database.id, set_by, row_access, CHANGES_CHANNEL)
        with translated(ModifyFailed):
            await fetch(self._driver, _SQL["set_row_access"], *change)

    async def share_database(
        self, database: Database, platform_ids: frozenset[int], shared_by: str
    ) -> None:
        change = (database.id, shared_by, sorted(platform_ids), CHANGES_CHANNEL)
        with translated(ModifyFailed):
            await fetch(self._driver, _SQL["share_database"], *change)

    async def list_databases(
        self,
        caller: Caller | None,
        *,
        name_contains: str,
        before_id: int | None,
        limit: int,
    ) -> DatabasePage:
        asked = (name_contains, before_id, limit + 1)  # one more tells whether there is a next page
        with translated():
            if caller is None:
                rows = await fetch(self._driver, _LIST_EVERY, *asked)
            else:
                whose = (caller.uid, caller.space_id, caller.platform_id)
                rows = await fetch(self._driver, _LIST, *asked, *whose)
        shown = tuple(_database(row) for row in rows[:limit])
        return DatabasePage(shown, shown[-1].id if len(rows) > limit else None)

    async def _one(self, query: str, *values: object) -> Database | None:
        with translated():
            rows = await fetch(self._driver, query, *values)
        return _database(rows[0]) if rows else None


def _database(row: Record) -> Database:
    return Database(
        id=row["id"],
        platform_id=row["platform_id"],
        shared_with=frozenset(map(int, row["shared_with"])),
        name=row["name"],
        uid=row["uid"],
        description=row["description"],
        space_id=row["space_id"],
        status=DatabaseStatus(row["status"]),
        row_access=RowAccess(row["row_access"]),
        create_at=datetime.fromisoformat(row["create_at"]),
        update_at=datetime.fromisoformat(row["update_at"]),
        schemas={
            Environment(environment): Identifier(name) for environment, name in row["schemas"]
        },
    )
