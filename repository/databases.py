"""``database_meta`` and ``schema_meta``: who has which database."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Insert, Row, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import col

from domain.database import (
    Database,
    DatabaseMeta,
    DatabasePage,
    DatabaseStatus,
    NewDatabase,
    RowAccess,
)
from domain.identifiers import Identifier
from domain.schema import Environment, SchemaMeta, schema_name_of
from exceptions.errors import ModifyFailed
from repository.driver_errors import translated

CHANGES_CHANNEL = "twinbase_databases"
"""NOTIFY carries the id of a database that was dropped or changed."""

_DATABASES = (
    select(
        col(DatabaseMeta.id),
        col(DatabaseMeta.name),
        col(DatabaseMeta.uid),
        col(DatabaseMeta.description),
        col(DatabaseMeta.space_id),
        col(DatabaseMeta.status),
        col(DatabaseMeta.row_access),
        col(DatabaseMeta.create_at),
        col(DatabaseMeta.update_at),
        col(SchemaMeta.environment),
        col(SchemaMeta.schema_name),
    )
    .join_from(DatabaseMeta, SchemaMeta, col(SchemaMeta.database_id) == col(DatabaseMeta.id))
    .where(col(DatabaseMeta.deleted_at).is_(None))
)


class Databases:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, database_id: int) -> Database | None:
        return await self._one(_DATABASES.where(col(DatabaseMeta.id) == database_id))

    async def lock(self, database_id: int) -> Database | None:
        """Writes the row, too: a clone that waits with an older snapshot then fails (40001).

        It would find the tables that a DDL has meanwhile written anew to be empty.
        """
        with translated():
            await self._connection.execute(
                update(DatabaseMeta)
                .where(col(DatabaseMeta.id) == database_id, col(DatabaseMeta.deleted_at).is_(None))
                .values(update_at=func.now())
            )
        return await self._one(
            _DATABASES.where(col(DatabaseMeta.id) == database_id).with_for_update(of=DatabaseMeta)
        )

    async def lock_to_read(self, database_id: int) -> Database | None:
        return await self._one(
            _DATABASES.where(col(DatabaseMeta.id) == database_id).with_for_update(
                of=DatabaseMeta, read=True
            )
        )

    async def create_database(self, new: NewDatabase) -> Database:
        with translated():
            row = (await self._connection.execute(_insert_metadata(new))).one()
            schemas = {
                environment: schema_name_of(environment, row.id) for environment in Environment
            }
            await self._connection.execute(_insert_schemas(row.id, schemas, new.uid))
        return Database(
            id=row.id,
            name=new.name,
            uid=new.uid,
            description=new.description,
            space_id=new.space_id,
            status=row.status,
            row_access=new.row_access,
            create_at=row.create_at,
            update_at=row.update_at,
            schemas=schemas,
        )

    async def drop_database(self, database: Database, dropped_by: str) -> None:
        gone = {"deleted_at": func.now(), "update_by": dropped_by}
        with translated():
            await self._connection.execute(
                update(SchemaMeta).where(col(SchemaMeta.database_id) == database.id).values(**gone)
            )
            await self._connection.execute(
                update(DatabaseMeta)
                .where(col(DatabaseMeta.id) == database.id)
                .values(status=DatabaseStatus.DROPPED, **gone)
            )
            await self._tell(database.id)

    async def modify_db_description(
        self, database: Database, description: str, modified_by: str
    ) -> None:
        with translated(ModifyFailed):
            await self._connection.execute(
                update(DatabaseMeta)
                .where(col(DatabaseMeta.id) == database.id)
                .values(description=description, update_by=modified_by)
            )
            await self._tell(database.id)

    async def set_row_access(self, database: Database, row_access: RowAccess, set_by: str) -> None:
        with translated(ModifyFailed):
            await self._connection.execute(
                update(DatabaseMeta)
                .where(col(DatabaseMeta.id) == database.id)
                .values(row_access=row_access, update_by=set_by)
            )
            await self._tell(database.id)

    async def list_databases(
        self,
        *,
        uid: str,
        space_id: str | None,
        name_contains: str,
        before_id: int | None,
        limit: int,
    ) -> DatabasePage:
        wanted = select(col(DatabaseMeta.id)).where(col(DatabaseMeta.deleted_at).is_(None))
        if space_id is not None:
            wanted = wanted.where(col(DatabaseMeta.space_id) == space_id)
        else:
            wanted = wanted.where(col(DatabaseMeta.uid) == uid)
        if name_contains:
            wanted = wanted.where(
                func.strpos(func.lower(col(DatabaseMeta.name)), func.lower(name_contains)) > 0
            )
        if before_id is not None:
            wanted = wanted.where(col(DatabaseMeta.id) < before_id)
        # One more than asked for tells whether there is a next page.
        page = wanted.order_by(col(DatabaseMeta.id).desc()).limit(limit + 1).subquery()
        found = await self._all(
            _DATABASES.join(page, page.c.id == col(DatabaseMeta.id)).order_by(
                col(DatabaseMeta.id).desc()
            )
        )
        more = len(found) > limit
        shown = found[:limit]
        return DatabasePage(tuple(shown), shown[-1].id if more else None)

    async def _tell(self, database_id: int) -> None:
        """Reaches the other workers when, and only if, this transaction commits."""
        await self._connection.execute(select(func.pg_notify(CHANGES_CHANNEL, str(database_id))))

    async def _one(self, query: Select[*tuple[object, ...]]) -> Database | None:
        found = await self._all(query)
        return found[0] if found else None

    async def _all(self, query: Select[*tuple[object, ...]]) -> list[Database]:
        with translated():
            rows = (await self._connection.execute(query)).all()
        return databases_of(rows)


def _insert_metadata(
    new: NewDatabase,
) -> ReturningInsert[int | None, DatabaseStatus, datetime | None, datetime | None]:
    return (
        insert(DatabaseMeta)
        .values(
            uid=new.uid,
            name=new.name,
            description=new.description,
            space_id=new.space_id,
            row_access=new.row_access,
            create_by=new.uid,
            update_by=new.uid,
        )
        .returning(
            col(DatabaseMeta.id),
            col(DatabaseMeta.status),
            col(DatabaseMeta.create_at),
            col(DatabaseMeta.update_at),
        )
    )


def _insert_schemas(
    database_id: int, schemas: Mapping[Environment, Identifier], made_by: str
) -> Insert:
    return insert(SchemaMeta).values(
        [
            {
                "database_id": database_id,
                "environment": environment,
                "schema_name": schema.name,
                "create_by": made_by,
                "update_by": made_by,
            }
            for environment, schema in schemas.items()
        ]
    )


def databases_of(rows: Sequence[Row[*tuple[object, ...]]]) -> list[Database]:
    """One database for each run of rows that share an id: a row is a database and one schema."""
    found: dict[int, Database] = {}
    for row in rows:
        schema = {row.environment: Identifier(row.schema_name)}
        before = found.get(row.id)
        found[row.id] = Database(
            id=row.id,
            name=row.name,
            uid=row.uid,
            description=row.description,
            space_id=row.space_id,
            status=row.status,
            row_access=row.row_access,
            create_at=row.create_at,
            update_at=row.update_at,
            schemas={**before.schemas, **schema} if before else schema,
        )
    return list(found.values())
