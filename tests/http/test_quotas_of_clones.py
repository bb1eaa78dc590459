"""What copies will hold counts from the moment that they are begun."""

import asyncio

from asyncpg import Connection

from tests.client import Client
from tests.http.test_quotas import EXCEEDED, FILL, TABLE, quota, usage


async def test_clones_at_the_same_time_share_what_is_left(client: Client) -> None:
    caller = client.caller("u1")
    sources = [await caller.create(name) for name in "abcd"]
    for database in sources:
        await caller.ddl(database, TABLE)
        await caller.dml(database, FILL % 300)
    there = (await usage(client, uid="u1"))["total"]["bytes"]
    await quota(client, uid="u1", bytes=there * 3 // 2 - 1)  # room for one
    clones = (
        caller.call("clone_database", database_id=database, new_database_name=f"copy-{number}")
        for number, database in enumerate(sources)
    )
    told = await asyncio.gather(*clones)
    assert sorted(each["code"] for each in told) == [0, *[EXCEEDED] * 3]


async def test_a_copy_under_way_counts_as_what_it_will_be(
    client: Client, admin: Connection
) -> None:
    """Whoever asks for usage meanwhile measures a part of it, which makes no room."""
    caller = client.caller("u1")
    source = await caller.create()
    await caller.ddl(source, TABLE)
    await caller.dml(source, FILL % 300)
    await quota(client, uid="u1", bytes=10**9)
    there = (await usage(client))["total"]["bytes"]
    copy = await caller.clone(source)
    for status, expected in (("cloning", there + 10**6), ("ready", 2 * there)):
        await admin.execute(
            "UPDATE twinbase.database_usage SET bytes = 10^6 WHERE database_id = $1", copy
        )
        await admin.execute(
            "UPDATE twinbase.database_meta SET status = $2 WHERE id = $1", copy, status
        )
        assert (await usage(client))["total"]["bytes"] == expected
