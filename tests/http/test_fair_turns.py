"""A busy owner leaves connections to others, however many databases he has."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from service.settings import Settings
from tests.client import Client, open_client
from tests.patience import PATIENCE

SLOW = "SELECT count(*) FROM generate_series(1, 1000000000)"


@pytest.fixture
async def small(settings: Settings) -> AsyncIterator[Client]:
    """Ten connections: two for one owner's statements, four for all, six for all else."""
    few = settings.model_copy(update={"database_connections": 10, "turn_timeout": 0.2})
    async with open_client(few) as opened:
        yield opened


async def until_running(admin: asyncpg.Connection, number: int) -> None:
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE state = 'active' AND query LIKE '%1000000000%' AND pid <> pg_backend_pid()"
    )
    async with asyncio.timeout(PATIENCE):
        while await admin.fetchval(query) < number:
            pass


async def test_one_owner_with_many_databases(small: Client, admin: asyncpg.Connection) -> None:
    busy, light = small.caller("busy"), small.caller("light")
    of_busy = [await busy.create(f"d{number}") for number in range(6)]
    of_light = await light.create()
    slow = [
        asyncio.create_task(busy.refused_dml(database_id, SLOW))
        for database_id in of_busy
        for _ in range(4)
    ]
    await until_running(admin, 2)
    for _ in range(10):
        assert await light.dml(of_light, "SELECT 1 AS one") == [{"one": 1}]
    done, running = await asyncio.wait(slow, timeout=0.5)
    assert {task.result()["code"] for task in done} == {25018}
    assert all(
        "2 statements of this owner's databases" in task.result()["message"] for task in done
    )
    assert len(running) == 2
    await end(running)


async def test_all_statements_leave_connections_for_the_rest(
    small: Client, admin: asyncpg.Connection
) -> None:
    callers = [small.caller(f"u{number}") for number in range(5)]
    ids = [await caller.create() for caller in callers]
    slow = [
        asyncio.create_task(caller.refused_dml(database_id, SLOW))
        for caller, database_id in zip(callers, ids, strict=True)
    ]
    await until_running(admin, 4)
    new = await small.caller("new").create()
    (found,) = (await small.caller("new").done("list_databases"))["databases"]
    assert found["database_id"] == new
    done, running = await asyncio.wait(slow, timeout=0.5)
    assert [task.result()["code"] for task in done] == [25018]
    await end(running)


async def test_no_free_connection_is_told_as_that(
    settings: Settings, admin: asyncpg.Connection
) -> None:
    hasty = settings.model_copy(update={"database_connections": 6, "pool_timeout": 0.2})
    async with open_client(hasty) as client, admin.transaction():
        await admin.execute("LOCK TABLE twinbase.database_meta IN ACCESS EXCLUSIVE MODE")
        verbs = [asyncio.create_task(client.caller().call("list_databases")) for _ in range(3)]
        refused, waiting = await asyncio.wait(verbs, return_when=asyncio.FIRST_COMPLETED)
        await end(waiting)
    for task in refused:
        answer = task.result()
        assert (answer["code"], answer["message"]) == (
            25503,
            "All connections to PostgreSQL are in use; try again shortly.",
        )


async def end(running: set[asyncio.Task[dict[str, object]]]) -> None:
    """As callers who hang up."""
    for task in running:
        task.cancel()
    await asyncio.wait(running)
