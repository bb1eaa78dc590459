"""Quotas of bytes hold whatever others do at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg import Connection

from service.settings import LEAST_CONNECTIONS, Settings
from tests.client import Client, open_client
from tests.http.test_quotas import EXCEEDED, TABLE, quota, refused, usage
from tests.patience import eventually

MIB = 1024 * 1024
FILL = "INSERT INTO t (n, text) SELECT n, repeat('x', 1000) FROM generate_series(1, %d) AS n"


@asynccontextmanager
async def locked(admin: Connection, table: str) -> AsyncIterator[None]:
    """As a long DDL locks it, in both schemas."""
    found = await admin.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE tablename = $1",
        table,
    )
    async with admin.transaction():
        for row in found:
            await admin.execute(f"LOCK TABLE {row['name']} IN ACCESS EXCLUSIVE MODE")
        yield


async def test_a_table_that_is_locked_hides_nothing_of_the_others(
    client: Client, admin: Connection
) -> None:
    caller = client.caller()
    database = await caller.create()
    await caller.ddl(database, TABLE + "; CREATE TABLE u (n integer)")
    await quota(client, bytes_per_database=66 * MIB)  # from which one write is not near
    async with locked(admin, "u"):
        await caller.dml(database, FILL % 4_000)
        await asyncio.sleep(0.5)  # what was measured is trusted no more
        refused(await caller.refused_dml(database, FILL % 70_000), EXCEEDED, limit=66 * MIB)


async def test_a_locked_table_counts_as_it_was(client: Client, admin: Connection) -> None:
    caller = client.caller()
    database = await caller.create()
    await caller.ddl(database, TABLE + "; CREATE TABLE u (n integer)")
    await caller.dml(database, FILL % 600)
    await quota(client, bytes_per_database=500_000)
    into_u = "INSERT INTO u (n) VALUES (1)"
    refused(await caller.refused_dml(database, into_u), EXCEEDED)
    async with locked(admin, "t"):
        refused(await caller.refused_dml(database, into_u), EXCEEDED)


async def test_clones_that_are_begun_at_once_do_not_overlook_each_other(
    client: Client, admin: Connection
) -> None:
    caller = client.caller()
    database = await caller.create()
    await caller.ddl(database, TABLE)
    await caller.dml(database, FILL % 1_000)
    held = int((await usage(client))["total"]["bytes"])
    await quota(client, bytes=held * 2 + held // 2)
    told = await asyncio.gather(
        *(
            caller.call("clone_database", database_id=database, new_database_name=f"c{number}")
            for number in range(6)
        )
    )
    assert sorted(each["code"] for each in told) == [0] + [EXCEEDED] * 5


async def test_a_clone_needs_one_connection_to_begin(settings: Settings) -> None:
    """Also in a worker that has been told of no quota of the caller's yet."""
    least = settings.model_copy(
        update={"database_connections": LEAST_CONNECTIONS, "pool_timeout": 1.0}
    )
    async with open_client(settings) as other:
        database = await other.caller().create()
    async with open_client(least) as client:
        await client.caller().clone(database)


async def test_databases_are_written_one_after_the_other(client: Client) -> None:
    """None of them is near its quota when it is looked at; what they have together is."""
    caller = client.caller()
    databases = [await caller.create(f"d{number}") for number in range(12)]
    for database in databases:
        await caller.ddl(database, TABLE)
    most = 80 * MIB
    await quota(client, bytes=most)
    told = [await caller.refused_dml(database, FILL % 8_000) for database in databases]
    assert told[-1]["code"] == EXCEEDED

    async def is_within() -> bool:
        return int((await usage(client))["total"]["bytes"]) <= most

    await eventually(is_within)  # files hold what was undone until they are vacuumed
