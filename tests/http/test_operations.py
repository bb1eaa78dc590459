"""Long work as its caller sees it: begun, followed, listed."""

import pytest
from asyncpg import Connection

from domain.timeouts import Timeouts
from repository.engine import create_engine
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from service.use_cases.forget_operations import forget_operations
from tests.catalog import differences, rows, schemas, structure
from tests.client import Client, open_client
from tests.http.verbs import ON_A_DATABASE, accepted
from tests.operations import (
    DATABASE_NOT_FOUND,
    NOT_FOUND,
    NOT_POSSIBLE,
    NOT_READY,
    UNFINISHED,
    begin_clone,
    locked,
    make_source,
    nobody_claims,
    with_short_waits,
)
from tests.patience import PATIENCE


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_short_waits(settings)


@pytest.fixture
async def source(client: Client) -> int:
    return await make_source(client.caller())


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


async def test_what_ended_long_ago_is_forgotten(
    client: Client, admin: Connection, source: int, settings: Settings
) -> None:
    caller = client.caller()
    old = await caller.done("clone_database", database_id=source, new_database_name="old")
    new = await caller.done("clone_database", database_id=source, new_database_name="new")
    await admin.execute(
        "UPDATE twinbase.operation SET finished_at = now() - interval '31 days' WHERE id = $1",
        old["operation_id"],
    )
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    engine = create_engine(url, pool_size=1, connect_timeout=PATIENCE, pool_timeout=PATIENCE)
    try:
        units = PostgresUnitOfWorkFactory(engine, Timeouts(statement=9_000, lock=9_000))
        assert await forget_operations(units) <= 1  # the service does it, too
        assert await forget_operations(units) == 0
    finally:
        await engine.dispose()
    page = await caller.done("list_operations")
    assert [each["operation_id"] for each in page["operations"]] == [new["operation_id"]]
    await caller.dml(old["database_id"], "SELECT name FROM customers")
