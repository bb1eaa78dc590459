"""Each kind of finding, made by hand in PostgreSQL."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from asyncpg import Connection

from domain.consistency import Finding, FindingKind
from domain.database import Database, DatabaseStatus, NewDatabase
from domain.operation import NewOperation, Operation, OperationKind
from domain.ownership import Caller as Owner
from domain.ports import UnitOfWorkFactory

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Place:
    """A database of the service's in which no worker is."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, admin: Connection) -> None:
        self.unit_of_work = unit_of_work
        self.admin = admin

    async def create(self, name: str, status: DatabaseStatus = DatabaseStatus.READY) -> Database:
        async with self.unit_of_work() as work:
            made = await work.databases.create_database(
                NewDatabase(name, "u1", "", None, status=status)
            )
            await work.schemas.create_database(made)
            await work.commit()
        return made

    async def begin(self, kind: OperationKind, database: Database) -> Operation:
        new = NewOperation(kind, database.id, {"schemas": []}, Owner("u1"), "sid")
        async with self.unit_of_work() as work:
            begun = await work.operations.begin_operation(new)
            await work.commit()
        return begun

    async def mark_dropped(self, database: Database) -> None:
        async with self.unit_of_work() as work:
            await work.databases.drop_database(database, "u1")
            await work.commit()

    async def change(self, change: str, *values: object) -> None:
        """As a superuser, past the triggers that keep stamps."""
        async with self.admin.transaction():
            await self.admin.execute("SET LOCAL session_replication_role TO replica")
            await self.admin.execute(change, *values)

    async def has_schema(self, name: str) -> bool:
        return bool(await self.admin.fetchval("SELECT to_regnamespace($1) IS NOT NULL", name))

    async def jobs(self) -> list[str]:
        found = await self.admin.fetch("SELECT dedupe_key FROM twinbase_queue.pgqueuer")
        return [row["dedupe_key"] for row in found]


async def missing_schema(place: Place) -> Finding:
    database = await place.create("d")
    await place.admin.execute(f"DROP SCHEMA test_{database.id}")
    return Finding(
        FindingKind.MISSING_SCHEMA, f"schema test_{database.id}", database.id, None, None
    )


async def missing_row(place: Place) -> Finding:
    """Of the schema: nobody knows how it is called."""
    database = await place.create("d")
    await place.admin.execute(f"DROP SCHEMA test_{database.id}")
    await place.change(
        "DELETE FROM twinbase.schema_meta WHERE schema_name = $1", f"test_{database.id}"
    )
    return Finding(FindingKind.MISSING_SCHEMA, "the schema for test", database.id, None, None)


async def unknown_schema(place: Place) -> Finding:
    await place.admin.execute("CREATE SCHEMA test_7 AUTHORIZATION twinbase_owner")
    return Finding(FindingKind.UNKNOWN_SCHEMA, "test_7", None, None, None)


async def schema_of_somebody_else(place: Place) -> Finding:
    """Under the name of one that was dropped."""
    database = await place.create("d")
    name = f"test_{database.id}"
    await place.mark_dropped(database)
    await place.admin.execute(
        f"DROP SCHEMA prod_{database.id}; ALTER SCHEMA {name} OWNER TO postgres"
    )
    return Finding(FindingKind.UNKNOWN_SCHEMA, name, None, None, None)


async def contradictory_rows(place: Place) -> Finding:
    """As where somebody has brought a database back by half: it is not dropped for that."""
    database = await place.create("d")
    await place.change(
        "UPDATE twinbase.schema_meta SET deleted_at = $2 WHERE schema_name = $1",
        f"prod_{database.id}",
        LONG_AGO,
    )
    return Finding(
        FindingKind.CONTRADICTORY_ROWS, f"prod_{database.id}", database.id, None, LONG_AGO
    )


async def left_right(place: Place) -> Finding:
    database = await place.create("d")
    await place.admin.execute(f"GRANT USAGE ON SCHEMA prod_{database.id} TO twinbase_ddl")
    right = f"USAGE on schema prod_{database.id}"
    return Finding(
        FindingKind.LEFT_RIGHT, right, database.id, remedy=f"REVOKE {right} FROM twinbase_ddl"
    )


async def unfinished_drop(place: Place) -> Finding:
    database = await place.create("d")
    await place.mark_dropped(database)
    await place.admin.execute(f"DROP SCHEMA prod_{database.id}")
    await place.change(
        "UPDATE twinbase.database_meta SET deleted_at = $1 WHERE deleted_at < now()", LONG_AGO
    )
    return Finding(FindingKind.UNFINISHED_DROP, f"test_{database.id}", database.id, None, LONG_AGO)


async def abandoned_clone(place: Place) -> Finding:
    database = await place.create("d", DatabaseStatus.CLONING)
    operation = await place.begin(OperationKind.CLONE_DATABASE, database)
    await place.admin.execute(f"CREATE TABLE test_{database.id}.half_made (n integer)")
    await place.change(
        "UPDATE twinbase.operation SET status = 'failed', finished_at = now() WHERE id = $1",
        operation.id,
    )
    await place.change("DELETE FROM twinbase_queue.pgqueuer")
    await place.change("UPDATE twinbase.database_meta SET update_at = $1", LONG_AGO)
    return Finding(FindingKind.ABANDONED_CLONE, "d", database.id, None, LONG_AGO)


async def operation_without_database(place: Place) -> Finding:
    database = await place.create("d", DatabaseStatus.CLONING)
    operation = await place.begin(OperationKind.CLONE_DATABASE, database)
    await place.mark_dropped(database)
    await place.admin.execute(f"DROP SCHEMA prod_{database.id}, test_{database.id}")
    await place.change(
        "UPDATE twinbase.database_meta SET deleted_at = $1 WHERE deleted_at < now()", LONG_AGO
    )
    return Finding(
        FindingKind.OPERATION_WITHOUT_DATABASE,
        "clone_database",
        database.id,
        operation.id,
        LONG_AGO,
    )


async def operation_without_job(place: Place) -> Finding:
    database = await place.create("d", DatabaseStatus.CLONING)
    operation = await place.begin(OperationKind.CLONE_DATABASE, database)
    await place.change("DELETE FROM twinbase_queue.pgqueuer")
    await place.change("UPDATE twinbase.operation SET update_at = $1", LONG_AGO)
    return Finding(
        FindingKind.OPERATION_WITHOUT_JOB, "clone_database", database.id, operation.id, LONG_AGO
    )


async def left_attempt(place: Place) -> Finding:
    database = await place.create("d")
    operation = await place.begin(OperationKind.CLONE_DATABASE, database)
    await place.change("DELETE FROM twinbase_queue.pgqueuer")
    await place.change(
        "UPDATE twinbase.operation SET status = 'succeeded', finished_at = $1", LONG_AGO
    )
    await place.admin.execute("INSERT INTO twinbase.operation_attempt VALUES ($1, 3)", operation.id)
    return Finding(FindingKind.LEFT_ATTEMPT, "3", database.id, operation.id, LONG_AGO)


async def job_without_operation(place: Place) -> Finding:
    database = await place.create("d")
    operation = await place.begin(OperationKind.CLONE_DATABASE, database)
    await place.change(
        "UPDATE twinbase.operation SET status = 'succeeded', finished_at = $1", LONG_AGO
    )
    return Finding(
        FindingKind.JOB_WITHOUT_OPERATION,
        str(await place.admin.fetchval("SELECT id FROM twinbase_queue.pgqueuer")),
        database.id,
        operation.id,
        LONG_AGO,
    )


Make = Callable[[Place], Awaitable[Finding]]

ONLY_TOLD: list[Make] = [
    missing_schema,
    missing_row,
    unknown_schema,
    schema_of_somebody_else,
    contradictory_rows,
    left_right,
]
MENDED: list[Make] = [
    unfinished_drop,
    abandoned_clone,
    operation_without_database,
    operation_without_job,
    left_attempt,
]
BY_THE_QUEUE: list[Make] = [job_without_operation]
