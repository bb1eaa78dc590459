"""A DDL that cannot have its locks keeps nobody else waiting for long, and leaves nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from service.settings import Settings
from tests.catalog import until_waiting
from tests.client import Caller, Client
from tests.state import changes, departures, state_of

pytestmark = pytest.mark.usefixtures("nothing_by_itself")

BUSY = 25017
MANY = 5

# What is tried on items, of which somebody holds a row.
WAITING = {
    "altered": "ALTER TABLE items ADD COLUMN late int",
    "dropped": "DROP TABLE items CASCADE",
    "read": "CREATE TABLE copied AS SELECT * FROM seen",
    "after another table": "ALTER TABLE others ADD late int; ALTER TABLE items ADD late int",
    "referenced": "ALTER TABLE others ADD COLUMN item_id bigint REFERENCES items (id)",
    "by its index": "DROP INDEX by_name",
}
# These wait in the statement itself, no longer than the lock timeout says.
WAITING_INSIDE = {
    "by its type": "DROP TYPE kind CASCADE",
    "by its domain": "ALTER DOMAIN short ADD CHECK (length(VALUE) < 99)",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nobody gives up a lock because this machine is slow."""
    return settings.model_copy(update={"ddl_lock_timeout_ms": 50_000, "lock_timeout_ms": 50_000})


@pytest.fixture
def caller(client: Client) -> Caller:
    return client.caller()


@pytest.fixture
async def database(caller: Caller) -> int:
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        "CREATE TYPE kind AS ENUM ('a'); CREATE DOMAIN short AS text;"
        "CREATE TABLE others (v int); CREATE TABLE items (name short, kind kind);"
        "CREATE INDEX by_name ON items (name); CREATE VIEW seen AS SELECT name FROM items",
    )
    for env in ("prod", "test"):
        await caller.dml(database_id, "INSERT INTO items (name) VALUES ('held')", env)
    return database_id


@asynccontextmanager
async def row_held(admin: asyncpg.Connection, database_id: int, env: str) -> AsyncIterator[None]:
    """As by a long transaction of somebody else, who has changed one row."""
    async with admin.transaction():
        await admin.execute(f"UPDATE {env}_{database_id}.items SET name = 'changed'")
        yield


@pytest.mark.parametrize("case", WAITING)
async def test_others_are_served_while_a_ddl_waits(
    caller: Caller, database: int, admin: asyncpg.Connection, case: str
) -> None:
    """The row is held in test, so that prod, too, could be locked meanwhile."""
    async with row_held(admin, database, "test"):
        ddl = asyncio.create_task(caller.refused_ddl(database, WAITING[case]))
        await until_waiting(admin, 1)
        for _ in range(MANY):
            for env in ("prod", "test"):
                await caller.dml(database, "SELECT * FROM others", env)
                await caller.dml(database, "SELECT * FROM items", env)
                await caller.dml(database, "INSERT INTO items (name) VALUES ('new')", env)
        assert not ddl.done()
    assert (await ddl)["code"] == 0
    for env in ("prod", "test"):
        assert await departures(admin, f"{env}_{database}") == []


@pytest.mark.parametrize("case", WAITING | WAITING_INSIDE)
async def test_a_ddl_that_waits_too_long_leaves_nothing(
    caller: Caller, database: int, admin: asyncpg.Connection, case: str
) -> None:
    ddl = (WAITING | WAITING_INSIDE)[case]
    schemas = (f"prod_{database}", f"test_{database}")
    before = await state_of(admin, *schemas)
    async with row_held(admin, database, "test"):
        busy = await caller.call("exec_ddl", database_id=database, ddl=ddl, lock_timeout_ms=300)
        assert busy["code"] == BUSY
        await caller.dml(database, "UPDATE others SET v = 1")
    await admin.execute(f"UPDATE test_{database}.items SET name = 'held'")
    assert changes(before, await state_of(admin, *schemas)) == []
    await caller.ddl(database, ddl)


async def test_a_ddl_runs_when_the_lock_comes_free(
    caller: Caller, database: int, admin: asyncpg.Connection
) -> None:
    async with row_held(admin, database, "prod"):
        ddl = asyncio.create_task(caller.refused_ddl(database, WAITING["altered"]))
        await until_waiting(admin, 1)
        assert not ddl.done()
    assert (await ddl)["code"] == 0
    for env in ("prod", "test"):
        assert await departures(admin, f"{env}_{database}") == []


async def test_who_waits_for_the_database_itself_is_in_nobodys_way(
    caller: Caller, database: int, admin: asyncpg.Connection
) -> None:
    async with admin.transaction():
        await admin.execute("SELECT FROM twinbase.database_meta WHERE id = $1 FOR UPDATE", database)
        ddl = asyncio.create_task(
            caller.call(
                "exec_ddl", database_id=database, ddl=WAITING["altered"], lock_timeout_ms=300
            )
        )
        await until_waiting(admin, 1)
        await caller.dml(database, "SELECT * FROM items")
        assert (await ddl)["code"] == BUSY
