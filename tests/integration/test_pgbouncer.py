"""What is different with a pooler in transaction mode between service and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest
from pydantic import SecretStr

from service.settings import Settings
from service.start_up import StartError, prepare
from tests.client import Caller, Client, open_client
from tests.integration.test_connections import CLEAN
from tests.patience import PATIENCE

pytestmark = pytest.mark.pgbouncer

SESSIONS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    # Those that listen come past PgBouncer.
    " AND usename = 'twinbase_service'"
    " AND application_name NOT IN ('twinbase listening', 'twinbase operations')"
)

# What PgBouncer tells a session about the client that it is for.
OF_THE_CLIENT = {"application_name", "client_encoding"}


async def sessions_of(admin: asyncpg.Connection) -> set[int]:
    return {row["pid"] for row in await admin.fetch(SESSIONS)}


@asynccontextmanager
async def every_session(
    database_url: str, admin: asyncpg.Connection
) -> AsyncIterator[list[asyncpg.Connection]]:
    """As many transactions at once as there are sessions: one in each."""
    async with AsyncExitStack() as opened:
        taken: dict[int, asyncpg.Connection] = {}
        async with asyncio.timeout(PATIENCE):
            while await sessions_of(admin) - taken.keys():
                connection = await asyncpg.connect(database_url, statement_cache_size=0)
                opened.callback(connection.terminate)
                await connection.execute("BEGIN")
                taken[await connection.fetchval("SELECT pg_backend_pid()")] = connection
        yield list(taken.values())


async def test_nothing_is_left_in_any_session(
    client: Client, database_url: str, admin: asyncpg.Connection
) -> None:
    """Of the uses of ``test_connections``, by several callers at once."""
    callers = [client.caller(f"tenant-{number}") for number in range(6)]
    await asyncio.gather(*(use(caller) for caller in callers))
    async with every_session(database_url, admin) as sessions:
        assert len(sessions) > 1
        for session in sessions:
            found = {name for name, query in CLEAN.items() if not await session.fetchval(query)}
            assert found <= {"settings"}
            set_ = await session.fetch("SELECT name FROM pg_settings WHERE source = 'session'")
            assert {row["name"] for row in set_} <= OF_THE_CLIENT


async def use(caller: Caller) -> None:
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (name text, list integer[])")
    await caller.dml(database_id, "INSERT INTO t (name) SELECT 'a' FROM generate_series(1, 9)")
    await caller.dml(database_id, "SELECT t, list FROM t; SELECT * FROM t LIMIT ALL")
    for failing in ("SELECT 1/0 FROM t", "SELECT * FROM nope", "SELECT 1; SET ROLE none"):
        assert (await caller.refused_dml(database_id, failing))["code"] != 0
    slow = "SELECT count(*) FROM generate_series(1, 100000000)"
    assert (await caller.refused_dml(database_id, slow, timeout_ms=100))["code"] != 0
    assert (await caller.refused_ddl(database_id, "CREATE TABLE t (a int)"))["code"] != 0
    await caller.done("clone_database", database_id=database_id, new_database_name="copy")


async def test_the_same_text_is_each_database_s_own(client: Client) -> None:
    """PgBouncer has one prepared statement for all who prepare the same text."""
    numbers, words = client.caller("numbers"), client.caller("words")
    number_id, word_id = await numbers.create(), await words.create()
    await numbers.ddl(number_id, "CREATE TABLE t (key integer, value integer)")
    await words.ddl(word_id, "CREATE TABLE t (key text, value text)")
    await numbers.dml(number_id, "INSERT INTO t (key, value) VALUES (1, 1)")
    await words.dml(word_id, "INSERT INTO t (key, value) VALUES ('1', 'one')")
    text = "SELECT value FROM t WHERE key = $1"

    async def each(many: int, number: object) -> None:
        for _ in range(many):
            of_numbers, of_words = await asyncio.gather(
                numbers.dml(number_id, text, params=[1]), words.dml(word_id, text, params=["1"])
            )
            assert (of_numbers, of_words) == ([{"value": number}], [{"value": "one"}])

    await asyncio.gather(*(each(5, 1) for _ in range(4)))
    await numbers.ddl(number_id, "ALTER TABLE t ALTER COLUMN value TYPE text")
    await asyncio.gather(*(each(5, "1") for _ in range(4)))


async def test_a_session_that_holds_much_memory_ends(
    client: Client, admin: asyncpg.Connection
) -> None:
    """PgBouncer keeps the session of a client that closes its connection."""
    caller = client.caller()
    database_id = await caller.create()
    zones = (
        "SELECT count(now() AT TIME ZONE ('<z' || g || '>3')) FROM generate_series(1, 5000) AS g"
    )
    await caller.dml(database_id, zones)
    before = await sessions_of(admin)
    async with asyncio.timeout(30):
        while not before - await sessions_of(admin):
            await caller.dml(database_id, zones)


async def test_another_worker_is_heard_past_pgbouncer(client: Client, settings: Settings) -> None:
    caller = client.caller()
    database_id = await caller.create()
    assert await caller.dml(database_id, "SELECT 1 AS one") == [{"one": 1}]
    async with open_client(settings) as other:
        await other.caller().done("drop_database", database_id=database_id)
    async with asyncio.timeout(5):
        while await refusal(caller, database_id) != 25013:
            pass


async def refusal(caller: Caller, database_id: int) -> int:
    return int((await caller.refused_dml(database_id, "SELECT 1"))["code"])


async def test_it_starts_through_pgbouncer(settings: Settings) -> None:
    await prepare(settings)


async def test_it_refuses_to_start_where_nothing_is_heard(database_url: str) -> None:
    settings = Settings(database_url=SecretStr(database_url), connect_timeout=1)
    with pytest.raises(StartError, match="TWINBASE_DIRECT_URL must name the same database"):
        await prepare(settings)
