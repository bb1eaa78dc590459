"""Clones beside writers, DDL, drops and other clones. Locks decide who is where, never the clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from asyncpg import Connection

from domain.schema import Environment
from service.settings import Settings
from tests.catalog import inventory, rows, schemas, until_waiting
from tests.client import Caller, Client, Row, open_client

pytestmark = pytest.mark.usefixtures("nothing_by_itself")

TAKEN, NOT_FOUND, BUSY, UNAVAILABLE = 25010, 25013, 25017, 25503

# The environments whose accounts the waiting clone has read.
# A clone has its moment before it makes its first table, and reads rows after it.
BARRIER = """
    CREATE TABLE public.barrier ();
    CREATE FUNCTION public.pass() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    AS $$ BEGIN LOCK TABLE public.barrier IN ACCESS SHARE MODE; END $$;
    CREATE EVENT TRIGGER barrier ON ddl_command_start WHEN TAG IN ('CREATE TABLE')
    EXECUTE FUNCTION public.pass()
"""


def start_clone(caller: Caller, source: int, name: str = "copy") -> asyncio.Task[Row]:
    return asyncio.create_task(
        caller.call("clone_database", database_id=source, new_database_name=name)
    )


async def all_rows(admin: Connection, database_id: int) -> dict[Environment, dict[str, str]]:
    return {
        environment: await rows(admin, schema)
        for environment, schema in (await schemas(admin, database_id)).items()
    }


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nobody gives up a lock because this machine is slow."""
    return settings.model_copy(
        update={"lock_timeout_ms": 60_000, "database_connections": 96, "operations_per_uid": 4}
    )


@pytest.fixture
async def source(client: Client, admin: Connection) -> int:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        "CREATE TABLE giving (amount integer); CREATE TABLE taking (amount integer)",
    )
    for env in ("prod", "test"):
        await caller.dml(
            database_id,
            "INSERT INTO giving VALUES (1000); INSERT INTO taking VALUES (1000)",
            env,
        )
    return database_id


@asynccontextmanager
async def clone_half_way(
    admin: Connection, caller: Caller, source: int
) -> AsyncIterator[asyncio.Task[Row]]:
    """A clone that inside the block cannot go on to the rows, in either environment."""
    await admin.execute(BARRIER)
    async with admin.transaction():
        await admin.execute("LOCK TABLE public.barrier IN ACCESS EXCLUSIVE MODE")
        clone = start_clone(caller, source)
        await until_waiting(admin, 2)
        yield clone


@asynccontextmanager
async def tables_held(admin: Connection, database_id: int) -> AsyncIterator[None]:
    """Inside, rows can be read and written, but no table can be changed or dropped."""
    async with admin.transaction():
        for schema in (await schemas(admin, database_id)).values():
            await admin.execute(f'LOCK TABLE "{schema}".giving IN ACCESS SHARE MODE')
        yield


async def test_copy_is_of_one_moment_and_no_writer_waits(
    client: Client, admin: Connection, source: int
) -> None:
    caller = client.caller()
    before = await all_rows(admin, source)
    async with clone_half_way(admin, caller, source) as clone:
        for env in ("prod", "test"):
            await caller.dml(source, "INSERT INTO giving VALUES (1)", env)
            await caller.dml(source, "UPDATE giving SET amount = amount - 1", env)
            await caller.dml(source, "DELETE FROM taking", env)
        assert not clone.done()
    copy = (await clone)["data"]["database_id"]
    assert await all_rows(admin, copy) == before
    assert await caller.dml(source, "SELECT amount FROM taking", "prod") == []


async def test_a_clone_whose_snapshot_is_lost_is_tried_again(
    client: Client, admin: Connection, source: int
) -> None:
    caller = client.caller()
    before = await all_rows(admin, source)
    async with clone_half_way(admin, caller, source) as clone:
        ended = await admin.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query = 'SELECT pg_export_snapshot()'"
        )
        assert ended == 1
    done = (await clone)["data"]
    assert await all_rows(admin, done["database_id"]) == before
    operation = await caller.done("get_operation", operation_id=done["operation_id"])
    assert operation["attempt"] == 2


async def test_sums_hold_while_amounts_move(client: Client, admin: Connection, source: int) -> None:
    """Between tables and between environments, each time in a transaction of its own."""
    accounts = [
        f'"{schema}".{table}'
        for schema in (await schemas(admin, source)).values()
        for table in ("giving", "taking")
    ]
    moved = 0
    stopped = asyncio.Event()

    async def move() -> None:
        nonlocal moved
        while not stopped.is_set():
            giver, taker = moved % 4, (moved + 1 + moved // 4 % 3) % 4
            async with admin.transaction():
                await admin.execute(f"UPDATE {accounts[giver]} SET amount = amount - 1")
                await admin.execute(f"UPDATE {accounts[taker]} SET amount = amount + 1")
            moved += 1

    writer = asyncio.create_task(move())
    moved_meanwhile = []
    copies = []
    for number in range(4):
        begun = moved
        answer = await start_clone(client.caller(), source, f"copy{number}")
        moved_meanwhile.append(moved - begun)
        copies.append(answer["data"]["database_id"])
    stopped.set()
    await writer
    assert min(moved_meanwhile) > 0
    for copy in copies:
        amounts = [
            row["amount"]
            for env in ("prod", "test")
            for row in await client.caller().dml(
                copy, "SELECT amount FROM giving UNION ALL SELECT amount FROM taking", env
            )
        ]
        assert sum(amounts) == 4000


@pytest.mark.parametrize(
    "ddl",
    [
        "ALTER TABLE giving ALTER COLUMN amount TYPE numeric",  # writes all rows anew
        "ALTER TABLE giving DROP COLUMN amount, ADD COLUMN other integer DEFAULT 5",
        "DROP TABLE giving",
        "ALTER TABLE giving RENAME TO given",
    ],
)
async def test_clone_that_waited_for_ddl_sees_all_of_it_or_is_told_busy(
    client: Client, admin: Connection, source: int, ddl: str
) -> None:
    caller = client.caller()
    async with tables_held(admin, source):
        change = asyncio.create_task(caller.call("exec_ddl", database_id=source, ddl=ddl))
        await until_waiting(admin, 1)
        clone = start_clone(caller, source)
        await until_waiting(admin, 2)
    assert (await change)["code"] == 0
    answer = await clone
    if answer["code"] != BUSY:
        assert answer["code"] == 0
        copy = answer["data"]["database_id"]
        assert await all_rows(admin, copy) == await all_rows(admin, source)


async def test_clone_that_waited_for_a_drop_leaves_nothing(
    client: Client, admin: Connection, source: int
) -> None:
    caller = client.caller()
    before = await inventory(admin)
    async with tables_held(admin, source):
        drop = asyncio.create_task(caller.call("drop_database", database_id=source))
        await until_waiting(admin, 1)
        clone = start_clone(caller, source)
        await until_waiting(admin, 2)
    assert (await drop)["code"] == 0
    assert (await clone)["code"] in {BUSY, NOT_FOUND}
    assert not [line for line in await inventory(admin) if line.endswith("ready")]
    assert len(await inventory(admin)) < len(before)


async def test_ddl_and_drop_wait_for_a_clone(
    client: Client, admin: Connection, source: int
) -> None:
    caller = client.caller()
    before = await all_rows(admin, source)
    async with clone_half_way(admin, caller, source) as clone:
        change = asyncio.create_task(
            caller.call("exec_ddl", database_id=source, ddl="ALTER TABLE giving DROP COLUMN amount")
        )
        await until_waiting(admin, 3)
        drop = asyncio.create_task(caller.call("drop_database", database_id=source))
        await until_waiting(admin, 4)
    copy = (await clone)["data"]["database_id"]
    assert [(await change)["code"], (await drop)["code"]] == [0, 0]
    assert await all_rows(admin, copy) == before
    assert await caller.dml(copy, "SELECT amount FROM giving") == [{"amount": 1000}]


async def test_who_cannot_wait_longer_is_told_busy(
    settings: Settings, client: Client, admin: Connection, source: int
) -> None:
    async with (
        open_client(settings.model_copy(update={"lock_timeout_ms": 20})) as impatient,
        clone_half_way(admin, client.caller(), source) as clone,
    ):
        caller = impatient.caller()
        ddl = await caller.refused_ddl(source, "DROP TABLE giving")
        drop = await caller.call("drop_database", database_id=source)
        assert [ddl["code"], drop["code"]] == [BUSY, BUSY]
        assert not clone.done()
    assert (await clone)["code"] == 0


async def test_a_clone_whose_connection_dies_is_begun_anew(
    client: Client, admin: Connection, source: int
) -> None:
    async with clone_half_way(admin, client.caller(), source) as clone:
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'barrier'::regclass"
            " AND NOT granted"
        )
        await until_waiting(admin, 2)
    answer = await clone
    assert answer["code"] == 0
    operation_id = answer["data"]["operation_id"]
    operation = await client.caller().done("get_operation", operation_id=operation_id)
    assert operation["attempt"] == 2
    copy = answer["data"]["database_id"]
    assert await all_rows(admin, copy) == await all_rows(admin, source)


async def test_one_name_goes_to_one_clone(client: Client, admin: Connection, source: int) -> None:
    caller = client.caller()
    await caller.done(
        "drop_database", database_id=(await start_clone(caller, source))["data"]["database_id"]
    )
    before = await inventory(admin)
    answers = await asyncio.gather(*(start_clone(caller, source) for _ in range(4)))
    assert sorted(answer["code"] for answer in answers) == [0, TAKEN, TAKEN, TAKEN]
    (copy,) = (answer["data"]["database_id"] for answer in answers if answer["code"] == 0)
    assert await all_rows(admin, copy) == await all_rows(admin, source)
    await caller.done("drop_database", database_id=copy)
    left = set(await inventory(admin)) - set(before)
    assert all(str(copy) in line or "schema_meta" in line for line in left), left


async def test_clones_of_one_source_do_not_hinder_each_other(
    client: Client, admin: Connection, source: int
) -> None:
    caller = client.caller()
    async with clone_half_way(admin, caller, source) as first:
        others = [start_clone(caller, source, f"copy{number}") for number in range(3)]
        await until_waiting(admin, 8)
    answers = [await first, *(await asyncio.gather(*others))]
    assert [answer["code"] for answer in answers] == [0, 0, 0, 0]
    for answer in answers:
        copy = answer["data"]["database_id"]
        assert await all_rows(admin, copy) == await all_rows(admin, source)
