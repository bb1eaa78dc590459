"""Every migration up and down, on a database with tenants in it and data of each revision."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from repository.bootstrap import bootstrap
from repository.engine import create_engine
from repository.migrations import (
    MigrationError,
    current_revision,
    known_revisions,
    migrate_check,
    migrate_down,
    migrate_up,
)
from repository.roles import SERVICE
from service.settings import Settings
from service.testing import url_with
from tests.client import Caller, open_client
from tests.patience import PATIENCE

WRITTEN_AT = Path(__file__).parents[1] / "data" / "revisions"
DATABASE = 4000000001
# What went before an upgrade could be rolling: indexes that the platform became a part of.
NOT_ONLY_ADDED = {
    "0005": {
        "twinbase.database_meta_uid_name_space_id",
        "twinbase.idempotency_key_pkey",
    }
}

# Columns by what a writer that does not know of later ones may rely upon; indexes that an INSERT's
# ON CONFLICT may name; labels of enumerations; functions.
STRUCTURE = """
SELECT 'column', c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'twinbase'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
  AND NOT a.attisdropped
UNION ALL
SELECT 'demanded', c.relname || '.' || a.attname, ''
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'twinbase'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
  AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND NOT a.attisdropped
UNION ALL
SELECT 'unique', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
WHERE c.relnamespace = 'twinbase'::regnamespace AND i.indisunique
UNION ALL
SELECT 'label', t.typname, e.enumlabel FROM pg_enum AS e JOIN pg_type AS t ON t.oid = e.enumtypid
WHERE t.typnamespace = 'twinbase'::regnamespace
UNION ALL
SELECT 'function', p.oid::regprocedure::text, pg_get_function_result(p.oid) FROM pg_proc AS p
WHERE p.pronamespace = 'twinbase'::regnamespace
"""
Structure = set[tuple[str, str, str]]


@pytest.fixture
def settings(admin_url: str, empty: str) -> Settings:
    return Settings(
        database_url=SecretStr(url_with(admin_url, database=empty, user=SERVICE.name)),
        database_connections=12,
        connect_timeout=PATIENCE,
        statement_timeout_ms=int(PATIENCE * 1000),
    )


@pytest.fixture
async def engine(admin_url: str, settings: Settings) -> AsyncIterator[AsyncEngine]:
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    await bootstrap(admin_url, url)
    engine = create_engine(url, pool_size=1, connect_timeout=PATIENCE, pool_timeout=PATIENCE)
    yield engine
    await engine.dispose()


@pytest.fixture
async def admin(
    admin_url: str, empty: str, engine: AsyncEngine
) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url_with(admin_url, database=empty))
    yield connection
    await connection.close()


async def structure_of(admin: asyncpg.Connection) -> Structure:
    return {tuple(row.values()) for row in await admin.fetch(STRUCTURE)}


async def rows_of_tenants(admin: asyncpg.Connection) -> list[str]:
    union = "SELECT prod::text FROM prod_4000000001.t AS prod UNION ALL SELECT test::text FROM test_4000000001.t AS test"
    return sorted(row[0] for row in await admin.fetch(union))


async def up_with_data(engine: AsyncEngine, admin: asyncpg.Connection) -> None:
    """Each migration only adds, to what the one before and its writers have left there."""
    before: Structure = set()
    for revision in known_revisions():
        await migrate_up(engine, revision)
        after = await structure_of(admin)
        lost = {name for kind, name, _ in before - after if kind != "demanded"}
        assert lost <= NOT_ONLY_ADDED.get(revision, set()), revision
        tables = {name.partition(".")[0] for kind, name, _ in before if kind == "column"}
        demanded = {name for kind, name, _ in after - before if kind == "demanded"}
        assert not {name for name in demanded if name.partition(".")[0] in tables}, revision
        before = after
        written = WRITTEN_AT / f"{revision}.sql"
        if written.exists():
            await admin.execute(written.read_text())


async def is_usable(settings: Settings, environment: str) -> None:
    """What was there, and all that a tenant does."""
    async with open_client(settings) as client:
        caller: Caller = client.caller("u1")
        rows = await caller.dml(DATABASE, "SELECT word FROM t ORDER BY word", environment)
        assert {"word": f"{environment}_{DATABASE}"} in rows
        await caller.dml(DATABASE, "INSERT INTO t (word) VALUES ('new')", environment)
        await caller.dml(DATABASE, "DELETE FROM t WHERE word = 'new'", environment)
        copy = await caller.clone(DATABASE, f"copy_{environment}")
        assert await caller.dml(copy, "SELECT word FROM t ORDER BY word", environment) == rows
        await caller.ddl(copy, "ALTER TABLE t ADD COLUMN n integer; CREATE TABLE u (a integer)")
        await caller.done("drop_database", database_id=copy)


async def test_each_migration_up_down_and_up_with_tenants(
    settings: Settings, engine: AsyncEngine, admin: asyncpg.Connection
) -> None:
    await up_with_data(engine, admin)
    await migrate_check(engine)
    tenants = await rows_of_tenants(admin)
    await is_usable(settings, "test")
    first, *later = known_revisions()
    for revision in reversed([first, *later][:-1]):
        await migrate_down(engine, revision, force=True)
        assert await current_revision(engine) == revision
        assert await rows_of_tenants(admin) == tenants
    with pytest.raises(MigrationError, match="drop them before"):
        await migrate_down(engine, "base", force=True)
    for revision in later:
        await migrate_up(engine, revision)
        assert await rows_of_tenants(admin) == tenants
    await migrate_check(engine)
    await is_usable(settings, "prod")


async def test_going_back_names_what_would_be_lost_and_keeps_it(
    engine: AsyncEngine, admin: asyncpg.Connection
) -> None:
    await up_with_data(engine, admin)
    tables = "audit, operation_statistics, quota, request_statistics"
    with pytest.raises(MigrationError, match=f"would lose what is in {tables}; .* --force"):
        await migrate_down(engine, "0005")
    with pytest.raises(MigrationError, match=r"api_key, .*platform, .*database_meta\.shared_with;"):
        await migrate_down(engine, "0004")
    assert await current_revision(engine) == known_revisions()[-1]
    assert await admin.fetchval("SELECT count(*) FROM twinbase.audit") == 1
    await migrate_down(engine, "0008")  # an index, and nothing that anybody has written
    assert await current_revision(engine) == "0008"


async def test_a_migration_that_fails_changes_nothing_and_says_which(
    engine: AsyncEngine, admin: asyncpg.Connection
) -> None:
    await migrate_up(engine, "0004")
    await admin.execute("CREATE TABLE twinbase.audit ()")
    with pytest.raises(MigrationError, match=r"^migration 0008 failed, and nothing .*42P07"):
        await migrate_up(engine)
    assert await current_revision(engine) == "0004"
    assert await admin.fetchval("SELECT to_regclass('twinbase.platform')") is None
    await admin.execute("DROP TABLE twinbase.audit")
    await migrate_up(engine)
