"""What start-up does to a server: bootstrap, checks, migrations; alone and several at once."""

import asyncio
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs
from structlog.typing import EventDict

from repository.bootstrap import BootstrapError, shortcomings
from repository.engine import create_engine
from repository.migrations import (
    MigrationError,
    current_revision,
    migrate_check,
    migrate_down,
    migrate_up,
    newest_revision,
)
from repository.reaching import NotReached, until_reachable
from repository.roles import SERVICE
from service.settings import Settings
from service.start_up import StartError, prepare
from service.testing import url_with
from tests.client import open_client
from tests.patience import PATIENCE, eventually


def settings_for(admin_url: str, database: str, *, login: str, admin: bool = True) -> Settings:
    return Settings(
        admin_url=SecretStr(admin_url) if admin else None,
        database_url=SecretStr(url_with(admin_url, database=database, user=login)),
        database_connections=6,
    )


async def test_an_empty_server_and_two_urls_are_enough(admin_url: str, empty: str) -> None:
    login = f"login_{uuid4().hex[:8]}"
    settings = settings_for(admin_url, empty, login=login)
    await prepare(settings)
    assert settings.database_url is not None
    assert await shortcomings(settings.database_url.get_secret_value()) == []
    async with open_client(settings) as client:
        caller = client.caller()
        database_id = await caller.create()
        await caller.ddl(
            database_id, "CREATE TABLE t (a int); CREATE TABLE c (t bigint REFERENCES t (id))"
        )
        (row,) = await caller.dml(database_id, "INSERT INTO t (a) VALUES (1)")
        await caller.dml(database_id, f"INSERT INTO c (t) VALUES ({row['id']})")
        copy = await caller.done("clone_database", database_id=database_id, new_database_name="c")
        assert await caller.dml(copy["database_id"], "SELECT a FROM t") == [{"a": 1}]
        await caller.done("drop_database", database_id=database_id)
    connection = await asyncpg.connect(admin_url)
    await connection.execute(f'DROP DATABASE "{empty}" WITH (FORCE)')
    await connection.execute(f'DROP ROLE "{login}"')  # owns nothing: the fixed roles do
    await connection.close()


async def test_starting_again_changes_nothing(admin_url: str, empty: str) -> None:
    settings = settings_for(admin_url, empty, login=SERVICE.name)
    await prepare(settings)
    before = await _state_of(admin_url, empty)
    await prepare(settings)
    assert await _state_of(admin_url, empty) == before


async def _state_of(admin_url: str, database: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url_with(admin_url, database=database))
    try:
        rows = await connection.fetch(
            "SELECT 'role', rolname::text, rolcanlogin::text FROM pg_roles WHERE rolname ~ '^twinbase'"
            " UNION ALL SELECT 'function', oid::regprocedure::text, proacl::text FROM pg_proc"
            " WHERE proacl IS NOT NULL"
            " UNION ALL SELECT 'database', datname, datacl::text FROM pg_database"
            " WHERE datname = current_database()"
            " UNION ALL SELECT 'language', lanname, lanacl::text FROM pg_language"
            " UNION ALL SELECT 'schema', nspname, nspacl::text FROM pg_namespace ORDER BY 1, 2"
        )
        return [tuple(row.values()) for row in rows]
    finally:
        await connection.close()


async def test_four_at_once_bootstrap_and_migrate_once(admin_url: str, empty: str) -> None:
    settings = settings_for(admin_url, empty, login=SERVICE.name)
    await asyncio.gather(*(prepare(settings) for _ in range(4)))
    engine = engine_of(settings)
    assert await current_revision(engine) == newest_revision()
    await engine.dispose()


async def test_without_bootstrap_it_refuses_to_serve(admin_url: str, empty: str) -> None:
    connection = await asyncpg.connect(admin_url)
    await connection.execute(f'CREATE DATABASE "{empty}"')
    await connection.close()
    # The login exists in this cluster since another database was bootstrapped; this one was not.
    await prepare(settings_for(admin_url, f"{empty}_other", login=SERVICE.name))
    with pytest.raises(StartError, match=r"set_config.*TWINBASE_ADMIN_URL"):
        await prepare(settings_for(admin_url, empty, login=SERVICE.name, admin=False))
    connection = await asyncpg.connect(admin_url)
    await connection.execute(f'DROP DATABASE "{empty}_other" WITH (FORCE)')
    await connection.close()


async def test_a_superuser_is_no_login_for_the_service(admin_url: str, empty: str) -> None:
    admin = urlsplit(admin_url).username or "postgres"
    with pytest.raises(BootstrapError, match="superuser"):
        await prepare(
            Settings(
                admin_url=SecretStr(admin_url),
                database_url=SecretStr(url_with(admin_url, database=empty, user=admin)),
            )
        )


def engine_of(settings: Settings) -> AsyncEngine:
    assert settings.database_url is not None
    return create_engine(
        settings.database_url.get_secret_value(),
        pool_size=2,
        connect_timeout=PATIENCE,
        pool_timeout=PATIENCE,
    )


async def test_migrations_go_up_down_up_without_drift(settings: Settings) -> None:
    engine = engine_of(settings)
    try:
        await migrate_check(engine)
        await migrate_down(engine, "base")
        async with engine.connect() as connection:
            left = await connection.exec_driver_sql(
                "SELECT relname FROM pg_class WHERE relnamespace = 'twinbase'::regnamespace"
                " AND relname NOT LIKE 'alembic%'"
                " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'twinbase'::regnamespace"
                " UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'twinbase'::regnamespace"
                " AND typtype = 'e'"
            )
            assert left.all() == []
        assert await current_revision(engine) is None
        await migrate_up(engine)
        await migrate_check(engine)
        assert await current_revision(engine) == newest_revision()
    finally:
        await engine.dispose()


async def test_going_down_refuses_while_tenants_have_tables(settings: Settings) -> None:
    async with open_client(settings) as client:
        caller = client.caller()
        database_id = await caller.create()
        await caller.ddl(database_id, "CREATE TABLE t (a int)")
        await caller.dml(database_id, "INSERT INTO t (a) VALUES (1)")
        engine = engine_of(settings)
        for force in (False, True):
            with pytest.raises(MigrationError, match=r"2BP01.*drop them"):  # tables' triggers
                await migrate_down(engine, "base", force=force)
        await engine.dispose()
        assert await caller.dml(database_id, "SELECT a FROM t") == [{"a": 1}]


async def test_not_ready_where_the_schema_is_not_this_codes(settings: Settings) -> None:
    async with open_client(settings) as client:
        assert (await client.http.get("/readyz")).status_code == 200
        engine = engine_of(settings)
        await migrate_down(engine, "base", force=True)
        answer = await client.http.get("/readyz")
        assert answer.status_code == 503
        assert newest_revision() in answer.json()["message"]
        await engine.dispose()


async def test_a_schema_newer_than_the_code_is_refused_before_anything_is_changed(
    settings: Settings, admin_url: str, admin: asyncpg.Connection
) -> None:
    """Who is running meanwhile goes on: the newer release has only added."""
    async with open_client(settings) as client:
        await admin.execute("UPDATE twinbase.alembic_version SET version_num = '9999'")
        await admin.execute("GRANT EXECUTE ON FUNCTION set_config TO PUBLIC")
        for told in ({}, {"admin_url": SecretStr(admin_url)}):
            starting = settings.model_copy(update=told)
            with pytest.raises(
                (MigrationError, StartError), match=r"revision 9999.*newer|isolation"
            ):
                await prepare(starting)
            assert await admin.fetchval(
                "SELECT has_function_privilege('twinbase_dml', 'set_config(text, text, bool)', 'EXECUTE')"
            )
        assert (await client.http.get("/readyz")).status_code == 200
        await client.caller().create()


async def until_told(logs: Sequence[EventDict], event: str) -> None:
    async def is_told() -> bool:
        return event in {log["event"] for log in logs}

    await eventually(is_told)


async def test_two_starts_migrate_one_after_the_other_and_say_so(
    settings: Settings, admin: asyncpg.Connection
) -> None:
    async with admin.transaction():
        await admin.execute("SELECT pg_advisory_xact_lock(7990002)")  # as another instance does
        with capture_logs() as logs:
            starting = asyncio.create_task(prepare(settings))
            await until_told(logs, "another_instance_migrates")
            assert not starting.done()
    await asyncio.wait_for(starting, PATIENCE)


async def test_a_migration_waits_for_who_uses_what_it_must_lock(
    settings: Settings, admin: asyncpg.Connection
) -> None:
    engine = engine_of(settings)
    await migrate_down(engine, "0008")
    await admin.execute("BEGIN; LOCK TABLE twinbase.database_meta IN ACCESS EXCLUSIVE MODE")
    with capture_logs() as logs:
        migrating = asyncio.create_task(migrate_up(engine))
        await until_told(logs, "migration_waits_for_locks")
    await admin.execute("ROLLBACK")
    await asyncio.wait_for(migrating, PATIENCE)
    assert await current_revision(engine) == newest_revision()
    await engine.dispose()


async def test_a_lost_queue_is_made_anew(settings: Settings, admin: asyncpg.Connection) -> None:
    """With what had not ended in it: that is written down elsewhere."""
    await admin.execute("DROP SCHEMA twinbase_queue CASCADE")
    await prepare(settings)
    async with open_client(settings) as client:
        caller = client.caller()
        await caller.clone(await caller.create(), in_steps=True)


@pytest.mark.direct(reason="a pooler says otherwise that there is no database")
async def test_postgresql_may_come_after_the_service(settings: Settings) -> None:
    """And whoever refuses is not waited for: it is there."""
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    nobody = SecretStr(url_with(url, database="there_is_none", user=SERVICE.name))
    with pytest.raises(
        NotReached, match=r"^TWINBASE_DATABASE_URL: .* does not exist\. A start with"
    ):
        await prepare(settings.model_copy(update={"database_url": nobody, "start_patience": 600}))
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        later = {"TWINBASE_DATABASE_URL": f"postgresql://u@127.0.0.1:{place.getsockname()[1]}/d"}
        with capture_logs() as logs:
            waiting = asyncio.create_task(until_reachable(later, patience=PATIENCE, each=PATIENCE))
            await until_told(logs, "awaiting_postgresql")
        place.listen()
        server = await asyncio.start_server(_refuse, sock=place)
        await asyncio.wait_for(waiting, PATIENCE)
        server.close()


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As PostgreSQL answers a login that it does not know."""
    await reader.read(8)
    writer.write(b"N")  # no TLS
    await reader.read(1)
    fields = b"SFATAL\0VFATAL\0C28000\0Mno such role\0\0"
    writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
    writer.close()
