"""What tests of operations do again and again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg import Connection

from service.settings import Settings
from tests.client import Caller, Row
from tests.patience import PATIENCE, eventually

INVALID, KEY_REUSED, NAME_TAKEN, DATABASE_NOT_FOUND = 25000, 25005, 25010, 25013
NOT_POSSIBLE, BUSY, NOT_READY = 25016, 25017, 25019
NOT_FOUND, FINISHED, NOT_CANCELLABLE, CANCELLED = 25060, 25061, 25062, 25063

UNFINISHED = {"pending", "running"}


@asynccontextmanager
async def nobody_claims(admin: Connection) -> AsyncIterator[None]:
    """Operations stay pending."""
    async with admin.transaction():
        await admin.execute("LOCK TABLE twinbase.operation_attempt IN ACCESS EXCLUSIVE MODE")
        yield


@asynccontextmanager
async def locked(admin: Connection, table: str) -> AsyncIterator[None]:
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


async def someone_waits_for(admin: Connection, table: str) -> None:
    """By then whoever copies it holds all that it takes before."""
    waiting = "SELECT count(*) FROM pg_locks WHERE relation = $1::text::regclass AND NOT granted"
    await eventually(lambda: admin.fetchval(waiting, table))


async def begin_clone(caller: Caller, source: int, name: str = "copy", **options: object) -> Row:
    cloned: Row = await caller.done(
        "clone_database", database_id=source, new_database_name=name, wait=False, **options
    )
    assert cloned["status"] in UNFINISHED
    return cloned


async def until(caller: Caller, operation_id: int, status: str) -> Row:
    async with asyncio.timeout(PATIENCE):
        while True:
            operation: Row = await caller.done("get_operation", operation_id=operation_id)
            if operation["status"] == status:
                return operation
            await asyncio.sleep(0.02)


async def until_zero(admin: Connection, query: str, *values: object) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if await admin.fetchval(query, *values) == 0:
                return
            await asyncio.sleep(0.02)


async def nothing_is_left(admin: Connection, database_id: int, name: str = "copy") -> None:
    names = [f"{environment}_{database_id}" for environment in ("prod", "test")]
    query = "SELECT count(*) FROM pg_namespace WHERE nspname = ANY ($1)"
    await until_zero(admin, query, names)
    alive = "SELECT count(*) FROM twinbase.database_meta WHERE name = $1 AND deleted_at IS NULL"
    assert await admin.fetchval(alive, name) == 0
    await until_zero(admin, "SELECT count(*) FROM twinbase_queue.pgqueuer")
    assert await admin.fetchval("SELECT count(*) FROM twinbase.operation_attempt") == 0


def with_short_waits(settings: Settings) -> Settings:
    return settings.model_copy(update={"lock_timeout_ms": 500, "operation_heartbeat": 1})


async def make_source(caller: Caller) -> int:
    """Two customers and an order, in both environments."""
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        "CREATE TABLE customers (name text PRIMARY KEY);"
        "CREATE TABLE orders (customer text REFERENCES customers (name), number serial)",
    )
    for env in ("prod", "test"):
        await caller.dml(database_id, "INSERT INTO customers (name) VALUES ('Ann'), ('Bo')", env)
        await caller.dml(database_id, "INSERT INTO orders (customer) VALUES ('Ann')", env)
    return database_id
