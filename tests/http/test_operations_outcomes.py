"""One clear outcome of long work each time, whatever comes in between."""

import asyncio

import pytest
from asyncpg import Connection

from service.settings import Settings
from tests.client import Client, open_client
from tests.operations import (
    BUSY,
    CANCELLED,
    DATABASE_NOT_FOUND,
    FINISHED,
    NAME_TAKEN,
    NOT_CANCELLABLE,
    NOT_POSSIBLE,
    begin_clone,
    locked,
    make_source,
    nobody_claims,
    nothing_is_left,
    someone_waits_for,
    until,
    with_short_waits,
)
from tests.patience import eventually


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_short_waits(settings)


@pytest.fixture
async def source(client: Client) -> int:
    return await make_source(client.caller())


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

        async def is_tried_again() -> bool:
            operation = await caller.done("get_operation", operation_id=cloned["operation_id"])
            return bool(operation["attempt"] > 1)

        await eventually(is_tried_again)
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
        await someone_waits_for(admin, f"test_{source}.orders")
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
