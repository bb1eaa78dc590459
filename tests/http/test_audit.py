"""The audit: every change leaves its row, whoever asks for it and whatever comes of it."""

import asyncpg
import pytest

from service.settings import Settings
from tests.audited import audited, told
from tests.client import Client, Row
from tests.http.changes import KeyedCaller, state_of_everything, to_succeed
from tests.http.keys import Keys
from tests.http.verbs import AUDITED, KEYED, VERBS, accepted, envelope_of
from tests.keyed import sent
from tests.operations import begin_clone, locked, make_source, until, with_short_waits

HEADERS = {"x-consumer-username": "app01"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_short_waits(settings)


@pytest.fixture
async def source(client: Client) -> int:
    return await make_source(client.caller())


# What is changed, by a name.
TARGETS = {
    "create_database": "accepted",
    "clone_database": "accepted_副本",
    "set_row_access": "read_only",
    "share_database": "readers,workflows",
    "create_platform": "accepted",
    "modify_platform": "default",
    "set_quota": "default databases=1000000000",
}
# Nothing runs; what they tell of goes on meanwhile.
EXCEPT_THESE = {"cancel_statement", "get_operation", "watch_operation"}


@pytest.mark.parametrize("verb", sorted(AUDITED))
async def test_what_changes_something_leaves_one_row(
    verb: str, keys: Keys, admin: asyncpg.Connection
) -> None:
    source = await make_source(KeyedCaller(keys.client, "u1", key=keys.admin_key))
    async with to_succeed(verb, keys, admin, source) as body:
        answer = await asked(verb, keys, body)
    data = answer.get("data") or {}
    known = {"platform_name": "default", "key_prefix": keys.admin_key[:11], "app_id": "app01"}
    expected = known | {
        "uid": body.get("uid"),
        "sid": answer["sid"],
        "verb": verb,
        "database_id": body.get("database_id", data.get("database_id")),
        "new_database_id": data.get("database_id") if verb == "clone_database" else None,
        "target": TARGETS.get(verb) or data.get("prefix"),
        "operation_id": data.get("operation_id"),
        "code": 0,
        "outcome": "done",
        "count": 1,
    }
    if verb == "cancel_operation":
        expected |= {"database_id": None, "new_database_id": data["database_id"]}
    its_end = [expected | {"outcome": "succeeded"}] if verb == "clone_database" else []
    assert await audited(admin, answer["sid"]) == [expected, *its_end]


async def test_what_leaves_none_changes_nothing(keys: Keys, admin: asyncpg.Connection) -> None:
    source = await make_source(KeyedCaller(keys.client, "u1", key=keys.admin_key))
    for verb in sorted(set(VERBS) - EXCEPT_THESE - AUDITED):
        async with to_succeed(verb, keys, admin, source) as body:
            before = await state_of_everything(admin)
            answer = await asked(verb, keys, body)
            after = await state_of_everything(admin)
        del before["twinbase.api_key"], after["twinbase.api_key"]  # when they were used last
        assert before == after, verb
        assert await audited(admin, answer["sid"]) == [], verb


async def asked(verb: str, keys: Keys, body: Row) -> Row:
    headers = HEADERS | {"authorization": f"Bearer {keys.admin_key}"}
    answer = envelope_of(await keys.client.post(verb, json=body, headers=headers))
    assert answer["code"] == 0, answer
    return answer


async def test_what_is_documented_as_audited(client: Client) -> None:
    """Each verb that takes an idempotency key, but for exec_dml; and two that take none."""
    paths = (await client.http.get("/openapi.json")).json()["paths"]
    told = {path.rpartition("/")[2]: verbs.get("post", {}) for path, verbs in paths.items()}
    assert {verb for verb, described in told.items() if described.get("x-audited")} == AUDITED
    assert set(KEYED) - AUDITED == {"exec_dml"}


async def test_a_change_without_a_key_is_somebodys_all_the_same(
    client: Client, admin: asyncpg.Connection
) -> None:
    await client.caller("u7").create()
    names = ("platform_name", "key_prefix", "uid", "app_id", "verb", "outcome")
    assert await told(admin, *names) == [("default", None, "u7", None, "create_database", "done")]


async def test_done_once_told_once(client: Client, admin: asyncpg.Connection) -> None:
    """A request that is answered by what was kept changes nothing, nor is its error a new one."""
    body = {"uid": "u1", "database_name": "orders"}
    for key in ("first", "second"):  # the second finds the name taken
        for _ in range(3):
            await sent(client, "create_database", body, key)
    assert await told(admin, "outcome", "code", "count") == [("done", 0, 1), ("refused", 25010, 1)]


async def test_a_rehearsal_is_no_change(
    client: Client, admin: asyncpg.Connection, source: int
) -> None:
    before = len(await audited(admin))
    for ddl in ("CREATE TABLE rehearsed (n integer)", "DROP TABLE no_such", "SELEC"):
        body = accepted("exec_ddl", source) | {"ddl": ddl, "dry_run": True}
        await client.post("exec_ddl", json=body | {"idempotency_key": "k"})
    assert len(await audited(admin)) == before


async def test_how_an_operation_ended_is_told_by_its_beginnings_sid(
    client: Client, admin: asyncpg.Connection, source: int
) -> None:
    """By those who began it, whoever has run it; also where it failed, or was cancelled."""
    caller = client.caller()
    async with locked(admin, f"test_{source}.orders"):
        cancelled = await begin_clone(caller, source, "cancelled")
        await until(caller, cancelled["operation_id"], "running")
        await caller.done("cancel_operation", operation_id=cancelled["operation_id"])
        await caller.ended(cancelled["operation_id"])
    await admin.execute(f"CREATE TYPE test_{source}.odd; COMMENT ON TYPE test_{source}.odd IS 'x'")
    failed = await begin_clone(caller, source, "failed")
    await caller.ended(failed["operation_id"])
    waited_for = await caller.call("clone_database", database_id=source, new_database_name="odd")
    assert waited_for["code"] == 25016
    await admin.execute(f"DROP TYPE test_{source}.odd")
    done = await begin_clone(caller, source, "succeeded")
    await caller.ended(done["operation_id"])
    found = {
        name: [row for row in await audited(admin) if row["target"] == name]
        for name in ("cancelled", "failed", "odd", "succeeded")
    }
    outcomes = {name: [(r["outcome"], r["code"]) for r in rows] for name, rows in found.items()}
    assert outcomes == {
        "cancelled": [("done", 0), ("cancelled", 25063)],
        "failed": [("done", 0), ("failed", 25016)],
        "odd": [("done", 0), ("failed", 25016)],
        "succeeded": [("done", 0), ("succeeded", 0)],
    }
    for rows in found.values():
        began, ended = ({**row, "outcome": None, "code": None} for row in rows)
        assert began == ended
        assert began["database_id"] == source
        assert began["new_database_id"] is not None
    assert found["odd"][0]["sid"] == waited_for["sid"]


async def test_a_drop_in_steps_has_a_beginning_and_an_end(
    client: Client, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repository.schemas._MOST_AT_ONCE", 1)  # relations
    caller = client.caller()
    victim = await caller.create("many")
    await caller.ddl(victim, "CREATE TABLE t (n integer)")
    dropped = await caller.done("drop_database", database_id=victim, wait=False)
    await caller.ended(dropped["operation_id"])
    rows = [row for row in await audited(admin) if row["verb"] == "drop_database"]
    assert [(row["outcome"], row["database_id"]) for row in rows] == [
        ("done", victim),
        ("succeeded", victim),
    ]
    assert {row["operation_id"] for row in rows} == {dropped["operation_id"]}


MARK = "marked-d41d8cd9"


async def test_neither_sql_nor_rows_nor_keys_are_told(
    keys: Keys, admin: asyncpg.Connection
) -> None:
    caller = KeyedCaller(keys.client, "u1", key=keys.admin_key)
    database_id = await caller.create()
    on_it: Row = {"database_id": database_id}
    tables = f"CREATE TABLE t (n text DEFAULT '{MARK}'); COMMENT ON TABLE t IS '{MARK}'"
    rows = on_it | {"app_id": "app01", "env": "test"}
    await caller.call("modify_db_description", **on_it, description=MARK)
    await caller.call("exec_ddl", **on_it, ddl=tables, idempotency_key=MARK)
    await caller.call("exec_ddl", **on_it, ddl=f"CREATE TABLE t (n text DEFAULT '{MARK}')")
    await caller.call("exec_ddl", **on_it, ddl=f"CREATE FUNCTION f() {MARK}")
    await caller.call("exec_ddl", **on_it, ddl=f"'{MARK}")
    await caller.call("exec_dml", **rows, dml=f"INSERT INTO t (n) VALUES ('{MARK}')")
    await caller.call("exec_dml", **rows, dml=f"INSERT INTO t (m) VALUES ('{MARK}')")
    made = await keys.platform("workflows")
    await keys.done("revoke_key", prefix=made[:11])
    refused = await keys.call("revoke_key", keys.admin_key, prefix="tb_other")
    assert refused["code"] == 25081
    texts = await admin.fetch("SELECT a::text AS said FROM twinbase.audit AS a")
    assert len(texts) >= 9
    for row in texts:
        assert MARK not in row["said"]
        for key in (keys.admin_key, made):
            assert key[11:] not in row["said"]
