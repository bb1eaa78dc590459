"""Long work as its caller sees it: begun, followed, cancelled, and one clear outcome each time."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from asyncpg import Connection

from api.router import PREFIX
from service.settings import Settings
from tests.catalog import differences, rows, schemas, structure
from tests.client import Caller, Client, Row, open_client
from tests.http.verbs import ON_A_DATABASE, accepted

INVALID, KEY_REUSED, NAME_TAKEN, DATABASE_NOT_FOUND, NOT_POSSIBLE = (
    25000,
    25005,
    25010,
    25013,
    25016,
)
BUSY, NOT_READY, NO_AUTHORITY = 25017, 25019, 25020
NOT_FOUND, FINISHED, NOT_CANCELLABLE, CANCELLED = 25060, 25061, 25062, 25063

UNFINISHED = {"pending", "running"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"lock_timeout_ms": 500, "operation_heartbeat": 1})


@pytest.fixture
async def source(client: Client) -> int:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        "CREATE TABLE customers (name text PRIMARY KEY);"
        "CREATE TABLE orders (customer text REFERENCES customers (name), number serial)",
    )
    for env in ("prod", "test"):
        await caller.dml(database_id, "INSERT INTO customers (name) VALUES ('Ann'), ('Bo')", env)
        await caller.dml(database_id, "INSERT INTO orders (customer) VALUES ('Ann')", env)
    return database_id


@asynccontextmanager
async def nobody_claims(admin: Connection) -> AsyncIterator[None]:
    """Operations stay pending."""
    async with admin.transaction():
        await admin.execute("LOCK TABLE twinbase.operation_attempt IN ACCESS EXCLUSIVE MODE")
        yield


@asynccontextmanager
async def locked(admin: Connection, table: str) -> AsyncIterator[None]:
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


async def begin_clone(caller: Caller, source: int, name: str = "copy", **options: object) -> Row:
    cloned: Row = await caller.done(
        "clone_database", database_id=source, new_database_name=name, wait=False, **options
    )
    assert cloned["status"] in UNFINISHED
    return cloned


async def until(caller: Caller, operation_id: int, status: str) -> Row:
    async with asyncio.timeout(20):
        while True:
            operation: Row = await caller.done("get_operation", operation_id=operation_id)
            if operation["status"] == status:
                return operation
            await asyncio.sleep(0.02)


async def until_zero(admin: Connection, query: str, *values: object) -> None:
    async with asyncio.timeout(10):
        while True:
            if await admin.fetchval(query, *values) == 0:
                return
            await asyncio.sleep(0.02)


async def nothing_is_left(admin: Connection, database_id: int, name: str = "copy") -> None:
    names = [f"{environment}_{database_id}" for environment in ("prod", "test")]
    query = "SELECT count(*) FROM pg_namespace WHERE nspname = ANY ($1)"
    await until_zero(admin, query, names)
    alive = "SELECT count(*) FROM twinbase.database_meta WHERE name = $1 AND deleted_at IS NULL"
    assert await admin.fetchval(alive, name) == 0
    await until_zero(admin, "SELECT count(*) FROM twinbase_queue.pgqueuer")
    assert await admin.fetchval("SELECT count(*) FROM twinbase.operation_attempt") == 0


async def test_begun_followed_and_used(client: Client, admin: Connection, source: int) -> None:
    caller = client.caller()
    cloned = await begin_clone(caller, source, verify="checksums")
    operation = await caller.ended(cloned["operation_id"])
    assert operation["status"] == "succeeded"
    assert operation["kind"] == "clone_database"
    assert operation["database_id"] == cloned["database_id"]
    assert operation["result"]["rows"] == 6
    assert operation["result"]["verified"] == "checksums"
    assert operation["progress"]["percent"] == 100
    assert (operation["progress"]["tables_done"], operation["progress"]["rows"]) == (4, 6)
    assert (operation["error"], operation["seconds_left"]) == (None, None)
    assert (operation["uid"], operation["attempt"], operation["cancel_requested"]) == (
        "u1",
        1,
        False,
    )
    copies = await schemas(admin, cloned["database_id"])
    for environment, schema in (await schemas(admin, source)).items():
        of_both = [await structure(admin, each) for each in (schema, copies[environment])]
        assert not differences(*of_both)
        assert await rows(admin, copies[environment]) == await rows(admin, schema)
    await caller.done("drop_database", database_id=source)
    await caller.dml(cloned["database_id"], "INSERT INTO orders (customer) VALUES ('Bo')")


async def test_what_is_small_is_done_at_once_and_listed(client: Client, source: int) -> None:
    caller = client.caller()
    cloned = await caller.done("clone_database", database_id=source, new_database_name="copy")
    assert cloned["status"] == "succeeded"
    operation = await caller.done("get_operation", operation_id=cloned["operation_id"])
    assert operation["status"] == "succeeded"
    assert operation["result"] == cloned["report"]


async def test_until_it_is_ready_every_verb_says_so(
    client: Client, admin: Connection, source: int
) -> None:
    caller, stranger = client.caller(), client.caller("u2")
    async with nobody_claims(admin):
        cloned = await begin_clone(caller, source)
        database_id = cloned["database_id"]
        for verb in ON_A_DATABASE:
            assert (await client.call(verb, **accepted(verb, database_id)))["code"] == NOT_READY
            foreign = await client.call(verb, **accepted(verb, database_id, stranger.uid))
            assert foreign["code"] == DATABASE_NOT_FOUND, verb
        lines = (await caller.done("list_databases"))["databases"]
        assert {line["database_id"]: line["status"] for line in lines} == {
            source: "ready",
            database_id: "cloning",
        }
    assert (await caller.ended(cloned["operation_id"]))["status"] == "succeeded"
    assert await caller.dml(database_id, "SELECT name FROM customers ORDER BY name") == [
        {"name": "Ann"},
        {"name": "Bo"},
    ]


async def test_two_clones_into_one_name(client: Client, admin: Connection, source: int) -> None:
    caller = client.caller()
    async with nobody_claims(admin):
        first = await begin_clone(caller, source)
        for wait in (True, False):
            second = await caller.call(
                "clone_database", database_id=source, new_database_name="copy", wait=wait
            )
            assert second["code"] == NAME_TAKEN
    assert (await caller.ended(first["operation_id"]))["status"] == "succeeded"


async def test_a_name_that_many_want_at_the_same_time(client: Client, source: int) -> None:
    caller = client.caller()
    answers = await asyncio.gather(
        *(
            caller.call(
                "clone_database", database_id=source, new_database_name="copy", wait=n % 2 == 0
            )
            for n in range(6)
        )
    )
    codes = sorted(answer["code"] for answer in answers)
    assert codes[0] == 0
    assert set(codes[1:]) <= {NAME_TAKEN, BUSY}
    (done,) = [answer["data"] for answer in answers if answer["code"] == 0]
    assert (await caller.ended(done["operation_id"]))["status"] == "succeeded"


async def test_cancelled_before_it_began(client: Client, admin: Connection, source: int) -> None:
    caller = client.caller()
    async with nobody_claims(admin):
        cloned = await begin_clone(caller, source)
    operation = await caller.done("cancel_operation", operation_id=cloned["operation_id"])
    operation = await caller.ended(cloned["operation_id"])
    if operation["status"] == "succeeded":
        pytest.fail("it was claimed and done before it was cancelled")
    assert (operation["status"], operation["error"]["code"]) == ("cancelled", CANCELLED)
    await nothing_is_left(admin, cloned["database_id"])


async def test_cancelled_while_it_runs(client: Client, admin: Connection, source: int) -> None:
    """And the source's tables are nobody's afterwards."""
    caller = client.caller()
    async with locked(admin, f"test_{source}.orders"):
        cloned = await begin_clone(caller, source)
        await until(caller, cloned["operation_id"], "running")
        operation = await caller.done("cancel_operation", operation_id=cloned["operation_id"])
        assert operation["cancel_requested"]
        operation = await caller.ended(cloned["operation_id"])
    assert (operation["status"], operation["error"]["code"]) == ("cancelled", CANCELLED)
    await nothing_is_left(admin, cloned["database_id"])
    again = await caller.call("cancel_operation", operation_id=cloned["operation_id"])
    assert again["code"] == FINISHED
    await caller.ddl(source, "ALTER TABLE orders ADD COLUMN more int")
    await caller.clone(source)


async def test_what_is_in_the_way_for_a_while_is_waited_for(
    client: Client, admin: Connection, source: int
) -> None:
    caller = client.caller()
    async with locked(admin, f"test_{source}.orders"):
        cloned = await begin_clone(caller, source)
        await until(caller, cloned["operation_id"], "running")
        await asyncio.sleep(1)  # longer than a lock is waited for
    operation = await caller.ended(cloned["operation_id"])
    assert operation["status"] == "succeeded"
    assert operation["attempt"] > 1
    assert operation["result"]["rows"] == 6


async def test_an_attempt_that_fails_leaves_nothing(
    client: Client, admin: Connection, source: int
) -> None:
    caller = client.caller()
    await admin.execute(f"CREATE TYPE test_{source}.odd; COMMENT ON TYPE test_{source}.odd IS 'x'")
    cloned = await begin_clone(caller, source)
    operation = await caller.ended(cloned["operation_id"])
    assert (operation["status"], operation["error"]["code"]) == ("failed", NOT_POSSIBLE)
    assert "odd" in operation["error"]["message"]
    await nothing_is_left(admin, cloned["database_id"])
    at_once = await caller.call("clone_database", database_id=source, new_database_name="copy")
    assert (at_once["code"], at_once["message"]) == (NOT_POSSIBLE, operation["error"]["message"])


async def test_a_source_that_is_gone_by_then(
    client: Client, admin: Connection, source: int
) -> None:
    caller = client.caller()
    async with nobody_claims(admin):
        cloned = await begin_clone(caller, source)
        await caller.done("drop_database", database_id=source)
    operation = await caller.ended(cloned["operation_id"])
    assert (operation["status"], operation["error"]["code"]) == ("failed", DATABASE_NOT_FOUND)
    await nothing_is_left(admin, cloned["database_id"])


async def test_a_source_is_neither_dropped_nor_changed_while_it_is_read(
    client: Client, admin: Connection, source: int
) -> None:
    """Its rows are."""
    caller = client.caller()
    async with locked(admin, f"test_{source}.orders"):
        cloned = await begin_clone(caller, source)
        await until(caller, cloned["operation_id"], "running")
        await asyncio.sleep(0.2)
        change = {"database_id": source, "ddl": "CREATE TABLE more (a int)"}
        changed = await caller.call("exec_ddl", **change, lock_timeout_ms=100)
        assert changed["code"] == BUSY
        await caller.dml(source, "INSERT INTO customers (name) VALUES ('Cy')")
        dropping = asyncio.create_task(caller.call("drop_database", database_id=source))
        await asyncio.sleep(0.05)
    operation = await caller.ended(cloned["operation_id"])
    assert operation["status"] == "succeeded"
    assert operation["result"]["rows"] == 6
    assert (await dropping)["code"] in {0, BUSY}


async def test_whoever_waits_long_enough_is_told_what_to_follow(
    settings: Settings, admin: Connection
) -> None:
    """Also where it was begun at once: that is undone, and done by the operation."""
    hasty = settings.model_copy(update={"operation_patience": 0.3, "lock_timeout_ms": 5_000})
    async with open_client(hasty) as client:
        caller = client.caller()
        source = await caller.create()
        await caller.ddl(source, "CREATE TABLE t (a int)")
        await caller.dml(source, "INSERT INTO t (a) VALUES (1)")
        async with locked(admin, f"test_{source}.t"):
            cloned = await caller.done(
                "clone_database", database_id=source, new_database_name="copy"
            )
            assert cloned["status"] in UNFINISHED
            assert "report" not in cloned
        operation = await caller.ended(cloned["operation_id"])
        assert operation["status"] == "succeeded"
        assert await caller.dml(cloned["database_id"], "SELECT a FROM t") == [{"a": 1}]
        page = await caller.done("list_operations")
        assert [each["operation_id"] for each in page["operations"]] == [cloned["operation_id"]]


async def test_what_goes_wrong_later_is_told_to_who_waits(
    client: Client, admin: Connection, source: int
) -> None:
    """As to who is answered at once: a database of so many relations is cloned in steps."""
    caller = client.caller()
    for first in range(0, 160, 40):
        numbers = range(first, first + 40)
        await caller.ddl(source, ";".join(f"CREATE SEQUENCE s{number}" for number in numbers))
    cloned = await caller.done("clone_database", database_id=source, new_database_name="copy")
    assert (cloned["status"], cloned["report"]["rows"]) == ("succeeded", 6)
    await admin.execute(f"CREATE TYPE test_{source}.odd; COMMENT ON TYPE test_{source}.odd IS 'x'")
    refused = await caller.call("clone_database", database_id=source, new_database_name="other")
    assert refused["code"] == NOT_POSSIBLE
    assert "odd" in refused["message"]


async def test_only_who_asked_sees_it(client: Client, source: int) -> None:
    caller, stranger = client.caller(), client.caller("u2")
    in_space = client.caller("u3", "77")
    of_space = await in_space.create("shared")
    own = await begin_clone(caller, source)
    shared = await begin_clone(in_space, of_space)
    seen = {
        (own["operation_id"], caller): 0,
        (own["operation_id"], stranger): NOT_FOUND,
        (own["operation_id"], client.caller("u1", "77")): NOT_FOUND,
        (shared["operation_id"], in_space): 0,
        (shared["operation_id"], client.caller("u4", "77")): 0,
        (shared["operation_id"], client.caller("u4", "78")): NOT_FOUND,
        (shared["operation_id"], client.caller("u3")): 0,
        (1, caller): NOT_FOUND,
    }
    for (operation_id, who), code in seen.items():
        answer = await who.call("get_operation", operation_id=operation_id)
        assert answer["code"] == code, (operation_id, who)
        if code:
            for verb in ("cancel_operation", "watch_operation"):
                assert (await who.call(verb, operation_id=operation_id))["code"] == code
    await caller.ended(own["operation_id"])
    await in_space.ended(shared["operation_id"])


async def test_the_list_in_pages_and_by_what_they_are(client: Client, source: int) -> None:
    caller = client.caller()
    made = [
        await caller.done("clone_database", database_id=source, new_database_name=f"copy{n}")
        for n in range(3)
    ]
    ids = [each["operation_id"] for each in reversed(made)]
    first = await caller.done("list_operations", limit=2)
    assert [each["operation_id"] for each in first["operations"]] == ids[:2]
    rest = await caller.done("list_operations", limit=2, cursor=first["next_cursor"])
    assert [each["operation_id"] for each in rest["operations"]] == ids[2:]
    assert rest["next_cursor"] is None
    one = await caller.done("list_operations", database_id=made[0]["database_id"])
    assert [each["operation_id"] for each in one["operations"]] == [made[0]["operation_id"]]
    assert (await caller.done("list_operations", status="running"))["operations"] == []
    assert len((await caller.done("list_operations", status="succeeded"))["operations"]) == 3
    assert (await client.caller("u2").done("list_operations"))["operations"] == []


async def test_only_so_many_of_one_uid_run_at_a_time(settings: Settings, admin: Connection) -> None:
    """The others wait for them, and somebody else does not."""
    fair = settings.model_copy(update={"operations_per_uid": 1, "operations_at_once": 3})
    async with open_client(fair) as client:
        busy, light = client.caller("busy"), client.caller("light")
        of_busy, of_light = await busy.create(), await light.create()
        await busy.ddl(of_busy, "CREATE TABLE t (a int)")
        await light.ddl(of_light, "CREATE TABLE t (a int)")
        async with locked(admin, f"test_{of_busy}.t"):
            waiting = [await begin_clone(busy, of_busy, f"copy{n}") for n in range(4)]
            await until(busy, waiting[0]["operation_id"], "running")
            other = await begin_clone(light, of_light)
            assert (await light.ended(other["operation_id"]))["status"] == "succeeded"
            for each in waiting[1:]:
                operation = await busy.done("get_operation", operation_id=each["operation_id"])
                assert operation["status"] == "pending"
        for each in waiting:
            assert (await busy.ended(each["operation_id"]))["status"] == "succeeded"


async def test_a_drop_in_steps_is_an_operation_that_nothing_stops(
    client: Client, admin: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repository.schemas._MOST_AT_ONCE", 9)
    monkeypatch.setattr("repository.schemas._SOME", 3)
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, ";".join(f"CREATE TABLE t{n} (a int)" for n in range(5)))
    async with nobody_claims(admin):
        dropped = await caller.done("drop_database", database_id=database_id, wait=False)
        operation_id = dropped["operation_id"]
        assert (await caller.call("get_database", database_id=database_id))["code"] == (
            DATABASE_NOT_FOUND
        )
        refused = await caller.call("cancel_operation", operation_id=operation_id)
        assert refused["code"] == NOT_CANCELLABLE
        assert await caller.create() != database_id
    operation = await caller.ended(operation_id)
    assert (operation["kind"], operation["status"]) == ("drop_database", "succeeded")
    assert operation["progress"]["percent"] == 100
    assert (await caller.call("cancel_operation", operation_id=operation_id))["code"] in {
        FINISHED,
        NOT_CANCELLABLE,
    }


async def replayed(caller: Caller, key: str, **body: object) -> tuple[Row, bool]:
    answer = await caller.client.post(
        "clone_database",
        json={"uid": caller.uid, "new_database_name": "copy", "idempotency_key": key} | body,
    )
    return answer.json(), answer.headers.get("Idempotent-Replayed") == "true"


async def test_a_key_names_what_was_begun(client: Client, admin: Connection, source: int) -> None:
    """Whoever does not wait gets the first answer; whoever waits, the end of what it began."""
    caller = client.caller()
    body: Row = {"database_id": source, "wait": False}
    async with nobody_claims(admin):
        first, was_replayed = await replayed(caller, "k", **body)
        assert not was_replayed
        again, was_replayed = await replayed(caller, "k", **body)
        assert was_replayed
        assert again["data"] == first["data"]
        other, _ = await replayed(caller, "k", **body, verify="checksums")
        assert other["code"] == KEY_REUSED
    operation = await caller.ended(first["data"]["operation_id"])
    assert operation["status"] == "succeeded"
    assert len((await caller.done("list_databases"))["databases"]) == 2


async def test_a_key_whose_request_was_given_up_waits_for_the_same_end(
    settings: Settings, admin: Connection
) -> None:
    hasty = settings.model_copy(update={"operation_patience": 0.2, "lock_timeout_ms": 5_000})
    async with open_client(hasty) as client:
        caller = client.caller()
        source = await caller.create()
        await caller.ddl(source, "CREATE TABLE t (a int)")
        async with locked(admin, f"test_{source}.t"):
            first, _ = await replayed(caller, "k", database_id=source)
            assert first["data"]["status"] in UNFINISHED
            again, was_replayed = await replayed(caller, "k", database_id=source)
            assert was_replayed
            assert again["data"]["operation_id"] == first["data"]["operation_id"]
        await caller.ended(first["data"]["operation_id"])
        last, was_replayed = await replayed(caller, "k", database_id=source)
        assert was_replayed
        assert (last["data"]["status"], last["data"]["report"]["tables"]) == ("succeeded", 2)
        assert last["data"]["database_id"] == first["data"]["database_id"]


async def test_what_its_operation_has_failed_with_is_told_again(
    client: Client, admin: Connection, source: int
) -> None:
    caller = client.caller()
    await admin.execute(f"CREATE TYPE test_{source}.odd; COMMENT ON TYPE test_{source}.odd IS 'x'")
    begun, _ = await replayed(caller, "k", database_id=source, wait=False)
    operation = await caller.ended(begun["data"]["operation_id"])
    assert operation["status"] == "failed"
    again, was_replayed = await replayed(caller, "k", database_id=source, wait=False)
    assert was_replayed
    assert again["data"] == begun["data"]


def events_of(text: str) -> list[tuple[str, Row]]:
    events = []
    for block in text.replace("\r\n", "\n").strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


async def watch(client: Client, method: str, operation_id: int) -> httpx.Response:
    body: Row = {"uid": "u1", "operation_id": operation_id}
    if method == "GET":
        return await client.http.get(f"{PREFIX}/watch_operation", params=body)
    return await client.post("watch_operation", json=body)


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_who_watches_sees_it_to_its_end(
    client: Client, admin: Connection, source: int, method: str
) -> None:
    caller = client.caller()
    async with nobody_claims(admin):
        cloned = await begin_clone(caller, source)
        watching = asyncio.create_task(watch(client, method, cloned["operation_id"]))
        await asyncio.sleep(0.3)
    async with asyncio.timeout(20):
        answer = await watching
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_of(answer.text)
    statuses = [status for status, _ in events]
    assert statuses[0] == "pending"
    assert statuses[-1] == "succeeded"
    assert all(data["status"] == status for status, data in events)
    final = await caller.done("get_operation", operation_id=cloned["operation_id"])
    assert events[-1][1] == final
    again = await watch(client, method, cloned["operation_id"])
    assert [status for status, _ in events_of(again.text)] == ["succeeded"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"uid": "u1"}, INVALID),
        ({"uid": "u1", "operation_id": "x"}, INVALID),
        ({"uid": "u1", "operation_id": 1, "more": 1}, INVALID),
        ({"uid": "u1", "operation_id": ["1", "2"]}, INVALID),
        ({"uid": "u1", "operation_id": 1}, NOT_FOUND),
    ],
    ids=str,
)
async def test_a_url_that_asks_for_nothing_is_answered_as_any_verb(
    client: Client, params: dict[str, str], code: int
) -> None:
    answer = await client.http.get(f"{PREFIX}/watch_operation", params=params)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["code"] == code
