"""The same key and body: done once, and the first answer again. What is there is asked of PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from domain.once import MOST_KEPT
from service.settings import Settings
from tests.catalog import until_waiting
from tests.client import Client, Row, open_client
from tests.http.verbs import CHANGING, accepted
from tests.keyed import count, dml, keys, sent

REUSED = 25005


@pytest.fixture
async def database_id(client: Client) -> int:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (n integer UNIQUE)")
    return database_id


@pytest.fixture
async def workers(settings: Settings) -> AsyncIterator[list[Client]]:
    """Five, that know nothing of one another."""
    async with AsyncExitStack() as opened:
        yield [await opened.enter_async_context(open_client(settings)) for _ in range(5)]


def body_of(verb: str, database_id: int, uid: str = "u1") -> Row:
    if verb == "exec_dml":
        return dml(database_id, "INSERT INTO t (n) VALUES (1)", uid)
    return accepted(verb, database_id, uid)


# What there is more of, each time that the verb is done.
EFFECT = {
    "create_database": "SELECT count(*) FROM twinbase.database_meta WHERE name = 'accepted'",
    "clone_database": "SELECT count(*) FROM twinbase.database_meta WHERE name = 'accepted_副本'",
    "modify_db_description": "SELECT count(*) FROM twinbase.database_meta WHERE description <> ''",
    "set_row_access": "SELECT count(*) FROM twinbase.database_meta WHERE row_access = 'own'",
    "share_database": "SELECT count(*) FROM twinbase.database_meta WHERE shared_with = '{{}}'",
    "exec_ddl": "SELECT count(*) FROM twinbase.ddl_history WHERE statement LIKE '%accepted%'",
    "exec_dml": "SELECT count(*) FROM test_{}.t",
    "drop_database": "SELECT count(*) FROM twinbase.database_meta WHERE status = 'dropped'",
}
# By which it is seen whether a verb that only sets something was done again.
UNDO = {
    "modify_db_description": "UPDATE twinbase.database_meta SET description = ''",
    "set_row_access": "UPDATE twinbase.database_meta SET row_access = 'read_only'",
    "share_database": "UPDATE twinbase.database_meta SET shared_with = '{7}'",
}


@pytest.mark.parametrize("verb", CHANGING)
async def test_every_verb_twice(
    verb: str, client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    body, effect = body_of(verb, database_id), EFFECT[verb].format(database_id)
    first, replayed = await sent(client, verb, body, "k")
    assert (first.code, replayed) == (0, False)
    assert await admin.fetchval(effect) == 1
    expected = 1
    if verb in UNDO:
        await admin.execute(UNDO[verb])
        expected = 0
    assert await sent(client, verb, body, "k") == (first, True)
    assert await admin.fetchval(effect) == expected
    assert await keys(admin) == {("u1", "k"): 0}
    again, replayed = await sent(client, verb, body)
    assert (again.code == 0, replayed) == (verb in UNDO, False)


@pytest.mark.parametrize("verb", CHANGING)
async def test_twenty_at_a_time_are_one(
    verb: str, workers: list[Client], admin: asyncpg.Connection, client: Client, database_id: int
) -> None:
    body = body_of(verb, database_id)
    answers = await asyncio.gather(*(sent(workers[n % 5], verb, body, "k") for n in range(20)))
    first = answers[0][0]
    assert first.code == 0
    assert [told for told, _ in answers] == [first] * 20
    assert sum(not replayed for _, replayed in answers) == 1
    assert await admin.fetchval(EFFECT[verb].format(database_id)) == 1


async def test_twenty_errors_at_a_time_are_one(
    workers: list[Client], admin: asyncpg.Connection, client: Client, database_id: int
) -> None:
    body = dml(database_id, "INSERT INTO t (n) VALUES (7), (7)")
    answers = await asyncio.gather(
        *(sent(workers[n % 5], "exec_dml", body, "k") for n in range(20))
    )
    first = answers[0][0]
    assert first.code == 25051
    assert [told for told, _ in answers] == [first] * 20
    assert await keys(admin) == {("u1", "k"): 25051}


async def test_a_key_is_of_one_request(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    body = dml(database_id, "INSERT INTO t (n) VALUES (1)", params=None)
    assert (await sent(client, "exec_dml", body, "k"))[0].code == 0
    same_otherwise_written = dict(reversed(list(body.items())))
    assert (await sent(client, "exec_dml", same_otherwise_written, "k"))[1]
    for verb, other in (
        ("exec_dml", body | {"dml": "INSERT INTO t (n) VALUES (2)"}),
        ("exec_dml", body | {"env": "prod"}),
        ("exec_dml", body | {"compact": False}),
        ("exec_dml", body | {"database_id": str(database_id)}),
        ("create_database", accepted("create_database")),
        ("drop_database", accepted("drop_database", database_id)),
    ):
        told, replayed = await sent(client, verb, other, "k")
        assert (told.code, told.status, replayed) == (REUSED, 409, False), other
        assert "24 hours" in told.message
    assert await count(admin, database_id) == 1
    assert await admin.fetchval("SELECT count(*) FROM twinbase.database_meta") == 1
    assert await keys(admin) == {("u1", "k"): 0}


async def test_a_key_is_of_one_verb(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    """These two take the same fields."""
    body = {"uid": "u1", "database_id": database_id}
    assert (await sent(client, "modify_db_description", body, "k"))[0].code == 0
    assert (await sent(client, "drop_database", body, "k"))[0].code == REUSED
    assert await admin.fetchval("SELECT status FROM twinbase.database_meta") == "ready"


async def test_a_key_is_of_one_uid(client: Client, admin: asyncpg.Connection) -> None:
    bodies = [accepted("create_database", uid=uid) for uid in ("u1", "u2", "ключ")]
    told = [(await sent(client, "create_database", body, "k"))[0] for body in bodies]
    assert len({str(answer.data) for answer in told}) == 3
    assert await keys(admin) == {("u1", "k"): 0, ("u2", "k"): 0, ("ключ", "k"): 0}


async def test_header_and_field_are_one_key(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    body = dml(database_id, "INSERT INTO t (n) VALUES (1)")
    first = (await sent(client, "exec_dml", body, "k-1"))[0]
    for header, field in (("k-1", None), ('"k-1"', None), ('"k-1"', "k-1")):
        answer = await client.post(
            "exec_dml", json=body | {"idempotency_key": field}, headers={"Idempotency-Key": header}
        )
        assert answer.headers["idempotent-replayed"] == "true"
        assert answer.json()["data"] == first.data
    assert await count(admin, database_id) == 1


@pytest.mark.parametrize(
    ("header", "field"),
    [
        *((header, None) for header in ("k 2", '"k-2', "", '""', "ä", "k" * 256)),
        *((None, field) for field in ("", "k 2", "k\n", "ä", "k" * 256, 5, ["k"])),
        ("k-2", "k-1"),
    ],
)
async def test_what_is_no_key_is_refused(
    header: str | None,
    field: object,
    client: Client,
    admin: asyncpg.Connection,
    database_id: int,
) -> None:
    answer = await client.post(
        "exec_dml",
        json=dml(database_id, "INSERT INTO t (n) VALUES (1)", idempotency_key=field),
        headers={} if header is None else {"Idempotency-Key": header.encode()},
    )
    told = answer.json()
    assert (told["code"], "idempotency" in told["message"].lower()) == (25000, True)
    assert await count(admin, database_id) == 0
    assert await keys(admin) == {}


async def test_verbs_that_change_nothing_take_no_key(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    for verb in ("list_databases", "get_database", "list_ddl", "explain_dml", "cancel_statement"):
        body = accepted(verb, database_id)
        assert (await sent(client, verb, body, "k"))[0].code == 25000, verb
        answer = await client.post(verb, json=body, headers={"Idempotency-Key": "k"})
        assert answer.json()["code"] == (25033 if verb == "cancel_statement" else 0)
    for verb, body in (
        ("exec_dml", dml(database_id, "SELECT count(*) FROM t", read_only=True)),
        ("exec_ddl", accepted("exec_ddl", database_id) | {"dry_run": True}),
    ):
        for _ in range(2):
            told, replayed = await sent(client, verb, body, "k")
            assert (told.code, replayed) == (0, False)
    assert await keys(admin) == {}


async def test_what_reads_is_told_as_it_was(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    """SQL that reads may draw from a sequence all the same."""
    body = dml(database_id, "SELECT count(*) AS n FROM t")
    first = (await sent(client, "exec_dml", body, "k"))[0]
    await client.caller().dml(database_id, "INSERT INTO t (n) VALUES (1)")
    assert await sent(client, "exec_dml", body, "k") == (first, True)
    assert (await sent(client, "exec_dml", body))[0].data != first.data


LARGE = "INSERT INTO t (n) SELECT g FROM generate_series(1, 5000) AS g"


@pytest.mark.parametrize("compact", [True, False])
async def test_a_large_answer_is_cut_once_and_for_all(
    client: Client, admin: asyncpg.Connection, database_id: int, *, compact: bool
) -> None:
    sql = f"{LARGE} RETURNING n, repeat('x', 1000); SELECT 1 AS one"
    body = dml(database_id, sql, compact=compact)
    first = (await sent(client, "exec_dml", body, "k"))[0]
    assert isinstance(first.data, dict)
    inserted, one = first.data["results"]
    assert (inserted["affected_rows"], inserted["truncated"]) == (5000, True)
    assert 0 < len(inserted["rows"]) < 1100
    assert not one["truncated"] or one["rows"] == []
    assert first.data["truncated"] is True
    assert await count(admin, database_id) == 5000
    kept = await admin.fetchval("SELECT octet_length(data) FROM twinbase.idempotency_key")
    assert MOST_KEPT / 3 < kept <= MOST_KEPT
    assert await sent(client, "exec_dml", body, "k") == (first, True)


async def test_an_answer_that_is_large_without_rows_is_refused(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    columns = ", ".join(f"{n} AS {'c' * 50}{n}" for n in range(1000))
    sql = ";".join([f"{LARGE} RETURNING n", *([f"SELECT {columns}"] * 15)])
    told, _ = await sent(client, "exec_dml", dml(database_id, sql), "k")
    assert (told.code, "nothing was changed" in told.message) == (25051, True)
    assert await count(admin, database_id) == 0
    assert await sent(client, "exec_dml", dml(database_id, sql), "k") == (told, True)


async def test_the_answer_outlives_what_it_is_about(
    client: Client, workers: list[Client], admin: asyncpg.Connection, database_id: int
) -> None:
    """Given by any worker, also when the database or the right to it is gone."""
    requests = [
        ("exec_dml", body_of("exec_dml", database_id)),
        ("exec_ddl", body_of("exec_ddl", database_id)),
        ("set_row_access", accepted("set_row_access", database_id) | {"row_access": "read_only"}),
        ("drop_database", body_of("drop_database", database_id)),
    ]
    first = [(await sent(client, verb, body, f"k-{verb}"))[0] for verb, body in requests]
    assert [told.code for told in first] == [0] * 4
    for worker in workers:
        for (verb, body), told in zip(requests, first, strict=True):
            assert await sent(worker, verb, body, f"k-{verb}") == (told, True)


@pytest.mark.usefixtures("nothing_by_itself")
async def test_an_answer_waits_for_no_turn(
    settings: Settings, admin: asyncpg.Connection, database_id: int
) -> None:
    narrow = settings.model_copy(update={"statements_per_database": 1, "turn_timeout": 0.2})
    body = body_of("exec_dml", database_id)
    async with open_client(narrow) as client:
        first, _ = await sent(client, "exec_dml", body, "k")
        async with admin.transaction():
            await admin.execute(f"LOCK TABLE test_{database_id}.t")
            slow = asyncio.create_task(
                sent(client, "exec_dml", dml(database_id, "SELECT n FROM t"), "another")
            )
            await until_waiting(admin, sessions=1)
            assert (await sent(client, "exec_dml", body))[0].code == 25018
            assert await sent(client, "exec_dml", body, "k") == (first, True)
        assert (await slow)[0].code == 0
