"""What a request's sid may end: what PostgreSQL runs, and what still waits for its turn."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from api.prefix import PREFIX
from service.settings import Settings
from tests.client import Client, Row, open_client
from tests.patience import PATIENCE

SLOW = "SELECT count(*) FROM generate_series(1, 1000000000)"
SLOW_DDL = f"CREATE TABLE u AS {SLOW}"
LONG = f"/* {'x' * 2_000} */ SELECT 1"


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[Client]:
    """One statement of a database at a time."""
    async with open_client(settings.model_copy(update={"statements_per_database": 1})) as opened:
        yield opened


async def sent(client: Client, verb: str, sid: str, database_id: int, **body: object) -> Row:
    answer: httpx.Response = await client.http.post(
        f"{PREFIX}/{verb}",
        json={"uid": "u1", "database_id": database_id, **body},
        headers={"X-Request-Id": sid},
        timeout=60,
    )
    envelope: Row = answer.json()
    assert envelope["sid"] == sid
    return envelope


def dml(client: Client, sid: str, database_id: int, sql: str) -> asyncio.Task[Row]:
    request = sent(client, "exec_dml", sid, database_id, app_id="a", env="test", dml=sql)
    return asyncio.create_task(request)


async def until_running(admin: asyncpg.Connection, sid: str, database_id: int) -> None:
    """Its slow statement, not one of those that the service sends before it."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'"
        " AND query LIKE '%1000000000%'"
    )
    async with asyncio.timeout(PATIENCE):
        while not await admin.fetchval(query, f"{sid} {database_id}"):
            pass


async def cancel(client: Client, sid: str, database_id: int) -> int:
    answer = await client.caller().call("cancel_statement", database_id=database_id, sid=sid)
    return int(answer["code"])


@pytest.mark.parametrize("sql", ["SELECT 1", LONG], ids=["short", "long"])
async def test_who_waits_for_a_turn_is_cancelled(
    narrow: Client, admin: asyncpg.Connection, sql: str
) -> None:
    database_id = await narrow.caller().create()
    slow = dml(narrow, "slow-one", database_id, SLOW)
    await until_running(admin, "slow-one", database_id)
    waiting = dml(narrow, "waiting-one", database_id, sql)
    behind = dml(narrow, "behind-them", database_id, "SELECT 1")
    other = await narrow.caller().create("other")
    assert await cancel(narrow, "waiting-one", other) == 25033
    async with asyncio.timeout(PATIENCE):
        while await cancel(narrow, "waiting-one", database_id) == 25033:
            pass
    answer = await waiting
    assert (answer["code"], "waited for its turn" in answer["message"]) == (25032, True), answer
    assert await cancel(narrow, "waiting-one", database_id) == 25033
    assert not slow.done()
    assert await cancel(narrow, "slow-one", database_id) == 0
    assert [(await task)["code"] for task in (slow, behind)] == [25032, 0]


@pytest.mark.parametrize("sid", ["a.b_c-12", "A" * 40])
async def test_ddl_is_cancelled_by_its_sid(
    client: Client, admin: asyncpg.Connection, sid: str
) -> None:
    database_id = await client.caller().create()
    running = asyncio.create_task(sent(client, "exec_ddl", sid, database_id, ddl=SLOW_DDL))
    await until_running(admin, sid, database_id)
    assert await cancel(client, sid, database_id) == 0
    assert (await running)["code"] == 25032
    assert (await client.caller().describe(database_id))["prod"] == {}


@pytest.mark.parametrize("sid", ["a.b_c-1", "A" * 41, "of nobody", "söme-sid", "some-sid\n"])
async def test_what_is_no_sid_is_refused(client: Client, sid: str) -> None:
    database_id = await client.caller().create()
    answer = await client.caller().call("cancel_statement", database_id=database_id, sid=sid)
    assert (answer["code"], answer["message"].startswith("sid: ")) == (25000, True), answer
