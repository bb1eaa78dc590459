"""Whatever is lost in between: the change and its row are both there, or neither."""

import asyncio

import asyncpg
import pytest

from tests.audited import audited
from tests.client import Client
from tests.http.changes import state_of_everything, to_succeed
from tests.http.keys import Keys
from tests.operations import make_source
from tests.patience import eventually
from tests.wire import Scissors

UNAVAILABLE = 25503
ADDING = "query LIKE 'INSERT INTO twinbase.audit%' AND wait_event_type = 'Lock'"
KILL = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {ADDING}"


@pytest.fixture
async def source(client: Client) -> int:
    return await make_source(client.caller())


# One of each way to the row; which verbs leave one at all, tests/http/test_audit.py tells.
SOME = (
    "create_database",
    "clone_database",
    "drop_database",
    "exec_ddl",
    "create_key",
    "set_quota",
)


async def done(admin: asyncpg.Connection, verb: str) -> int:
    rows = await audited(admin)
    return len([row for row in rows if (row["verb"], row["outcome"]) == (verb, "done")])


async def until_killed(admin: asyncpg.Connection) -> None:
    async def is_killed() -> bool:
        await admin.execute("SELECT pg_stat_clear_snapshot()")  # one for a whole transaction
        return bool(await admin.fetchval(KILL))

    await eventually(is_killed)


@pytest.mark.parametrize("verb", SOME)
async def test_a_session_that_is_killed_leaves_neither(
    verb: str, client: Client, admin: asyncpg.Connection, source: int
) -> None:
    """When all is changed, and the row is not yet there."""
    keys = Keys(client, "none is asked for")
    async with to_succeed(verb, keys, admin, source) as body:
        before = await state_of_everything(admin), await done(admin, verb)
        async with admin.transaction():
            await admin.execute("LOCK TABLE twinbase.audit IN SHARE ROW EXCLUSIVE MODE")
            asked = asyncio.create_task(client.call(verb, **body))
            await until_killed(admin)
            assert (await asked)["code"] == UNAVAILABLE
        assert (await state_of_everything(admin), await done(admin, verb)) == before


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("verb", SOME)
async def test_where_a_commit_is_not_answered_both_are_there_or_neither(
    verb: str,
    cut: tuple[Client, Scissors],
    admin: asyncpg.Connection,
    source: int,
    *,
    arrives: bool,
) -> None:
    client, scissors = cut
    keys = Keys(client, "none is asked for")
    async with to_succeed(verb, keys, admin, source) as body:
        before, rows = await state_of_everything(admin), await done(admin, verb)
        scissors.arm(arrives=arrives, after=b"INSERT INTO twinbase.audit")
        assert (await client.call(verb, **body))["code"] == UNAVAILABLE
        assert scissors.cuts == 1
        assert (await state_of_everything(admin) != before) == arrives
        assert await done(admin, verb) - rows == arrives
