"""Owners stay with their platform: the same uid and space on another one is somebody else."""

import asyncio

import pytest

from tests.client import Row
from tests.http.keys import Keys
from tests.http.verbs import ON_A_DATABASE, accepted

NOT_FOUND = 25013
NO_SPACE = 25015


@pytest.fixture
async def theirs(keys: Keys) -> str:
    """A key of another platform."""
    return await keys.platform("workflows")


async def made(keys: Keys, key: str, name: str = "orders", **more: object) -> int:
    return int(
        (await keys.done("create_database", key, uid="u1", database_name=name, **more))[
            "database_id"
        ]
    )


async def test_another_platform_does_not_reach_it(keys: Keys, theirs: str) -> None:
    """As if it were not there, whoever says that he is its owner, or acts for its space."""
    mine = await made(keys, keys.admin_key)
    shared = await made(keys, keys.admin_key, "ours", space_id="77")
    for verb in ON_A_DATABASE:
        told = await keys.call(verb, theirs, **accepted(verb, mine))
        nothing = await keys.call(verb, theirs, **accepted(verb, mine + 1))
        assert (told["code"], told["message"]) == (NOT_FOUND, nothing["message"]), verb
        told = await keys.call(verb, theirs, **accepted(verb, shared), space_id="77")
        assert told["code"] == NO_SPACE, verb
    assert (await keys.done("get_database", uid="u1", database_id=mine))[
        "database_name"
    ] == "orders"


async def test_names_and_lists_are_of_each_platform(keys: Keys, theirs: str) -> None:
    for key in (keys.admin_key, theirs):
        await made(keys, key)
        await made(keys, key, "ours", space_id="77")
        again = await keys.call("create_database", key, uid="u1", database_name="orders")
        assert again["code"] == 25010
        for asked in ({}, {"space_id": "77"}):
            listed = await keys.done("list_databases", key, uid="u1", **asked)
            assert len(listed["databases"]) == (1 if asked else 2)


async def test_operations_are_of_each_platform(keys: Keys, theirs: str) -> None:
    source = await made(keys, keys.admin_key)
    cloned = await keys.done(
        "clone_database", uid="u1", database_id=source, new_database_name="copy"
    )
    asked = {"uid": "u1", "operation_id": cloned["operation_id"]}
    assert (await keys.done("get_operation", **asked))["status"] == "succeeded"
    for verb in ("get_operation", "watch_operation", "cancel_operation"):
        assert (await keys.call(verb, theirs, **asked))["code"] == 25060, verb
    assert (await keys.done("list_operations", theirs, uid="u1"))["operations"] == []
    assert len((await keys.done("list_operations", uid="u1"))["operations"]) == 1


async def test_idempotency_keys_are_of_each_platform(keys: Keys, theirs: str) -> None:
    body = {"uid": "u1", "database_name": "orders", "idempotency_key": "k"}
    ids = {
        (await keys.done("create_database", key, **body))["database_id"]
        for key in (keys.admin_key, theirs) * 2
    }
    assert len(ids) == 2


async def test_shared_and_taken_back(keys: Keys, theirs: str) -> None:
    mine = await made(keys, keys.admin_key)
    rows: Row = {"uid": "u1", "app_id": "a", "database_id": mine, "env": "test"}
    await keys.done("exec_ddl", uid="u1", database_id=mine, ddl="CREATE TABLE t (n integer)")
    on_it: Row = {"uid": "u1", "database_id": mine}
    select = {**rows, "dml": "SELECT n FROM t"}
    assert (await keys.call("exec_dml", theirs, **select))["code"] == NOT_FOUND

    await keys.done("share_database", **on_it, platform_names=["workflows"])
    assert await listed(keys, theirs) == [mine]
    own = await made(keys, theirs, "own")
    assert await listed(keys, theirs) == [own, mine]
    assert await listed(keys, theirs, limit=1) == [own]
    assert await listed(keys, theirs, name_contains="ord", cursor=own) == [mine]
    assert await listed(keys, theirs, uid="u2") == []
    await keys.done("exec_dml", theirs, **rows, dml="INSERT INTO t (n) VALUES (1)")
    assert (await keys.done("exec_dml", **select))["exec_success"] == [{"n": 1}]
    # Whoever else it is shared with uses it, and does not decide about it.
    for verb in ("share_database", "set_row_access", "modify_db_description", "drop_database"):
        assert (await keys.call(verb, theirs, **accepted(verb, mine)))["code"] == 25020, verb
    assert (await keys.call("exec_dml", theirs, **{**select, "uid": "u2"}))["code"] == NOT_FOUND

    await keys.done("share_database", **on_it, platform_names=[])
    assert (await keys.call("exec_dml", theirs, **select))["code"] == NOT_FOUND
    assert await listed(keys, theirs) == [own]
    told = await keys.call("share_database", keys.admin_key, **on_it, platform_names=["no-such"])
    assert told["code"] == 25080


async def listed(keys: Keys, key: str, uid: str = "u1", **asked: object) -> list[int]:
    found = await keys.done("list_databases", key, uid=uid, **asked)
    return [each["database_id"] for each in found["databases"]]


async def test_a_turn_is_of_an_owner_on_his_platform(keys: Keys, theirs: str) -> None:
    """A busy u1 of one platform does not hold up the u1 of another."""
    ids = [await made(keys, key) for key in (keys.admin_key, theirs)]
    slow = "SELECT count(*) FROM generate_series(1, 1000000)"
    rows: Row = {"uid": "u1", "app_id": "a", "env": "test"}
    busy = [
        asyncio.create_task(
            keys.call("exec_dml", keys.admin_key, **rows, database_id=ids[0], dml=slow)
        )
        for _ in range(20)
    ]
    await asyncio.sleep(0.1)
    told = await keys.call("exec_dml", theirs, **rows, database_id=ids[1], dml="SELECT 1")
    assert told["code"] == 0
    assert not all(task.done() for task in busy)
    await asyncio.gather(*busy)
