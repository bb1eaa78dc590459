"""Quotas of bytes hold whatever others do to the same database meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg import Connection

from tests.client import Client
from tests.http.test_quotas import EXCEEDED, TABLE, quota, refused

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
