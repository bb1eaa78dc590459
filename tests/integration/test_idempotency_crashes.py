"""Whatever is lost in between: the effect and its key are both there, or neither."""

import asyncio

import asyncpg
import pytest

from tests.catalog import until_waiting
from tests.client import Client, Row
from tests.http.verbs import accepted
from tests.keyed import dml, keys, sent
from tests.wire import Scissors

UNAVAILABLE = 25503

# What there is more of when the verb was done.
EFFECTS = {
    "create_database": "SELECT count(*) FROM twinbase.database_meta WHERE name = 'accepted'",
    "clone_database": "SELECT count(*) FROM twinbase.database_meta WHERE name = 'accepted_副本'",
    "modify_db_description": "SELECT count(*) FROM twinbase.database_meta WHERE description <> ''",
    "set_row_access": "SELECT count(*) FROM twinbase.database_meta WHERE row_access = 'read_only'",
    "exec_ddl": "SELECT count(*) FROM pg_class WHERE relname = 'accepted' AND relkind = 'r'",
    "exec_dml": "SELECT count(*) FROM test_{}.t",
    "drop_database": "SELECT 2 - count(*) FROM pg_namespace WHERE nspname LIKE '%\\_{}'",
}
DONE = {verb: 2 if verb in {"exec_ddl", "drop_database"} else 1 for verb in EFFECTS}

UNFINISHED_OPERATIONS = (
    "SELECT count(*) FROM twinbase.operation WHERE status IN ('pending', 'running')"
)

# Where it has done something already, and must wait.
LAST_STEP = {
    "create_database": "twinbase.schema_meta",
    "clone_database": "twinbase.schema_meta",
    "modify_db_description": "twinbase.database_meta",
    "set_row_access": "twinbase.database_meta",
    "exec_ddl": "twinbase.ddl_history",
    "exec_dml": "test_{}.u",
    "drop_database": "twinbase.schema_meta",
}


def body_of(verb: str, database_id: int) -> Row:
    if verb == "exec_dml":
        return dml(database_id, "INSERT INTO t (n) VALUES (1); INSERT INTO u (n) VALUES (1)")
    body = accepted(verb, database_id)
    return body | {"row_access": "read_only"} if verb == "set_row_access" else body


@pytest.fixture
async def database_id(client: Client) -> int:
    database_id = await client.caller().create()
    await client.caller().ddl(database_id, "CREATE TABLE t (n integer); CREATE TABLE u (n integer)")
    return database_id


@pytest.mark.parametrize("verb", EFFECTS)
async def test_a_session_that_is_killed_leaves_neither(
    verb: str, client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    body, effect = body_of(verb, database_id), EFFECTS[verb].format(database_id)
    async with admin.transaction():
        # Reading is free: what comes before the last step is not held up.
        table = LAST_STEP[verb].format(database_id)
        await admin.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        asked = asyncio.create_task(sent(client, verb, body, "k"))
        await until_waiting(admin, sessions=1)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        assert (await asked)[0].code == UNAVAILABLE
    assert await admin.fetchval(effect) == 0
    assert await keys(admin) == {}
    told, replayed = await sent(client, verb, body, "k")
    assert (told.code, replayed) == (0, False)
    assert await sent(client, verb, body, "k") == (told, True)
    assert await admin.fetchval(effect) == DONE[verb]


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("verb", EFFECTS)
async def test_a_commit_without_an_answer_is_known_by_its_key(
    verb: str,
    cut: tuple[Client, Scissors],
    admin: asyncpg.Connection,
    database_id: int,
    *,
    arrives: bool,
) -> None:
    """Whether PostgreSQL has heard of it or not."""
    client, scissors = cut
    body, effect = body_of(verb, database_id), EFFECTS[verb].format(database_id)
    scissors.arm(arrives=arrives, after=b"UPDATE twinbase.idempotency_key")
    lost, _ = await sent(client, verb, body, "k")
    assert scissors.cuts == 1
    assert (lost.code, "not known" in lost.message) == (UNAVAILABLE, True)
    assert await keys(admin) == ({("u1", "k"): 0} if arrives else {})
    assert await admin.fetchval(effect) == (DONE[verb] if arrives else 0)
    told, replayed = await sent(client, verb, body, "k")
    assert (told.code, replayed) == (0, arrives)
    assert await admin.fetchval(effect) == DONE[verb]
    assert await admin.fetchval(UNFINISHED_OPERATIONS) == 0
