"""What a connection knows of the service's own statements, and PostgreSQL does not keep."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from repository.connection import PoolConnection
from repository.engine import create_engine, driver_of
from repository.known_statements import fetch
from tests.patience import PATIENCE

ALL = "SELECT * FROM public.things WHERE number > $1"
KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE name <> ''"


@pytest.fixture
async def driver(admin: asyncpg.Connection, database_url: str) -> AsyncIterator[PoolConnection]:
    await admin.execute(
        "CREATE TABLE public.things AS SELECT 7 AS number; GRANT USAGE ON SCHEMA public"
        " TO twinbase_service; GRANT SELECT ON public.things TO twinbase_service"
    )
    engine = create_engine(
        database_url, pool_size=1, connect_timeout=PATIENCE, pool_timeout=PATIENCE
    )
    pooled = await engine.raw_connection()
    try:
        yield driver_of(pooled)
    finally:
        pooled.close()
        await engine.dispose()


async def test_nothing_is_kept_by_the_server(driver: PoolConnection) -> None:
    for least in (1, 7):
        async with driver.transaction():
            found = [dict(row) for row in await fetch(driver, ALL, least)]
            assert found == ([{"number": 7}] if least < 7 else [])
            (between,) = await fetch(driver, "SELECT $1::text AS word", "between")
            assert between["word"] == "between"
    assert await driver.fetchval(KEPT) == 0


async def test_what_a_migration_changed_is_described_anew(
    driver: PoolConnection, admin: asyncpg.Connection
) -> None:
    await fetch(driver, ALL, 1)
    await admin.execute("ALTER TABLE public.things ADD COLUMN word text DEFAULT 'new'")
    with pytest.raises(asyncpg.InternalClientError):
        await fetch(driver, ALL, 1)
    assert [dict(row) for row in await fetch(driver, ALL, 1)] == [{"number": 7, "word": "new"}]
