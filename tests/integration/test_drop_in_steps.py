"""A database of more tables than one transaction may lock: out of reach at once, gone in steps."""

import asyncio

import asyncpg
import pytest

from domain.timeouts import Timeouts
from repository.engine import create_engine
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from service.sweeping import sweeping
from tests.client import Client
from tests.patience import PATIENCE


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"lock_timeout_ms": 300, "operation_patience": 0.5})


@pytest.fixture
async def large(client: Client, monkeypatch: pytest.MonkeyPatch) -> int:
    """With keys between its tables, views of them, sequences and types; large is what is over 9."""
    monkeypatch.setattr("repository.schemas._MOST_AT_ONCE", 9)
    monkeypatch.setattr("repository.schemas._SOME", 3)
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        "CREATE TYPE mood AS ENUM ('glad', 'sad');"
        "CREATE SEQUENCE numbers;"
        "CREATE TABLE t0 (n integer UNIQUE, m mood, s serial);"
        + ";".join(f"CREATE TABLE t{n} (n integer REFERENCES t0 (n))" for n in range(1, 9))
        + ";CREATE VIEW v AS SELECT t1.n FROM t1 JOIN t2 USING (n)",
    )
    return database_id


async def schemas_of(admin: asyncpg.Connection, database_id: int) -> int:
    return int(
        await admin.fetchval(
            "SELECT count(*) FROM pg_namespace WHERE nspname IN ($1, $2)",
            f"prod_{database_id}",
            f"test_{database_id}",
        )
    )


async def until_left(admin: asyncpg.Connection, database_id: int, *, schemas: int) -> None:
    """Whoever asked may have been answered before: his patience is short here."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await schemas_of(admin, database_id) == schemas:
                return
            await asyncio.sleep(0.01)


async def test_all_of_it_goes(large: int, client: Client, admin: asyncpg.Connection) -> None:
    caller = client.caller()
    other = await caller.create("other")
    await caller.done("drop_database", database_id=large)
    await until_left(admin, large, schemas=0)
    assert await schemas_of(admin, other) == 2
    assert (await caller.call("drop_database", database_id=large))["code"] == 25013


async def test_what_is_in_use_is_left_and_finished_later(
    large: int, client: Client, admin: asyncpg.Connection, database_url: str
) -> None:
    """As after the end of a worker in the middle of it."""
    caller = client.caller()
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE test_{large}.t3 IN ACCESS SHARE MODE")
        await caller.done("drop_database", database_id=large)
        await until_left(admin, large, schemas=1)
        assert (await caller.refused_dml(large, "SELECT 1 AS one"))["code"] == 25013
        again = await caller.create()
        assert again != large
    engine = create_engine(
        database_url, pool_size=2, connect_timeout=PATIENCE, pool_timeout=PATIENCE
    )
    unit_of_work = PostgresUnitOfWorkFactory(engine, Timeouts(statement=9_000, lock=9_000))
    try:
        async with sweeping(unit_of_work, 0.01), sweeping(unit_of_work, 0.01):
            await until_left(admin, large, schemas=0)
    finally:
        await engine.dispose()
    assert await schemas_of(admin, again) == 2
