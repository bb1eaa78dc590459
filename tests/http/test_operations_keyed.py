"""Long work that is asked for with an idempotency key."""

import pytest
from asyncpg import Connection

from service.settings import Settings
from tests.client import Caller, Client, Row, open_client
from tests.operations import (
    KEY_REUSED,
    UNFINISHED,
    locked,
    make_source,
    nobody_claims,
    with_short_waits,
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_short_waits(settings)


@pytest.fixture
async def source(client: Client) -> int:
    return await make_source(client.caller())


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
