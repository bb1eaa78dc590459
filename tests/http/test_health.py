"""/healthz, /readyz and get_health while something is broken: each says which part it is."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing

import asyncpg
import pytest
from pydantic import SecretStr

from service.settings import Settings
from service.version import VERSION
from tests.client import Client, Row, open_client
from tests.http.verbs import envelope_of
from tests.patience import PATIENCE

WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
PARTS = (
    "worker",
    "pool metadata",
    "pool operations",
    "pool tenants",
    "turns statements",
    "turns judging",
    "listening",
    "operations",
    "sweeps",
    "postgresql",
    "settings",
    "queue",
    "migrations",
)


async def not_ready(client: Client) -> Row:
    """The message, and the part; the process itself is as it should be."""
    assert (await client.http.get("/healthz")).status_code == 200
    answer = await client.http.get("/readyz")
    assert answer.status_code == 503
    envelope = envelope_of(answer)
    assert envelope["code"] == 25503
    return {"part": envelope["data"]["error"]["part"], "message": envelope["message"]}


async def parts_of(client: Client) -> dict[str, Row]:
    envelope = envelope_of(await client.post("get_health", json={}))
    assert envelope["code"] == 0, envelope
    return {each["part"]: each for each in envelope["data"]["parts"]}


async def until_so(client: Client, is_so: Callable[[dict[str, Row]], bool]) -> dict[str, Row]:
    async with asyncio.timeout(PATIENCE):
        while True:
            parts = await parts_of(client)
            if is_so(parts):
                return parts
            await asyncio.sleep(0.02)


async def until_well(client: Client, *names: str) -> dict[str, Row]:
    return await until_so(
        client, lambda parts: all(parts[each]["status"] == "ok" for each in names)
    )


@asynccontextmanager
async def full_pool(client: Client, admin: asyncpg.Connection) -> AsyncIterator[None]:
    """Of metadata: each of its three connections waits for a row that somebody else has locked."""
    caller = client.caller("u1")
    database_id = await caller.create()
    async with admin.transaction():
        await admin.execute("SELECT FROM twinbase.database_meta FOR UPDATE")
        calls = [
            asyncio.create_task(
                caller.call("exec_ddl", database_id=database_id, ddl=f"CREATE TABLE t{n} ()")
            )
            for n in range(3)
        ]
        async with asyncio.timeout(PATIENCE):
            while True:
                await admin.execute("SELECT pg_stat_clear_snapshot()")
                if await admin.fetchval(WAITING) == len(calls):
                    break
                await asyncio.sleep(0.02)
        yield
    await asyncio.gather(*calls)


async def test_it_is_ready(client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await client.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (200, 0)


async def test_postgresql_is_away(settings: Settings) -> None:
    away = SecretStr("postgresql://twinbase_service@127.0.0.1:1/twinbase")
    changed = {"database_url": away, "direct_url": None}
    async with open_client(settings.model_copy(update=changed)) as client:
        told = await not_ready(client)
        assert told["part"] == "postgresql"
        assert "TWINBASE_DATABASE_URL" in told["message"]
        parts = await parts_of(client)
    statuses = {name: part["status"] for name, part in parts.items()}
    assert statuses["postgresql"] == "failing"
    assert statuses["listening"] == statuses["operations"] == "degraded"
    assert {statuses[name] for name in ("migrations", "queue", "settings")} == {"unknown"}
    assert all(part["advice"] for part in parts.values() if part["status"] != "ok")


@pytest.mark.direct(reason="a pooler lets in whom it has let in before")
async def test_postgresql_refuses_the_login(settings: Settings) -> None:
    assert settings.database_url is not None
    elsewhere = SecretStr(settings.database_url.get_secret_value().replace("/test_", "/tost_"))
    changed = {"database_url": elsewhere, "direct_url": None}
    async with open_client(settings.model_copy(update=changed)) as client:
        told = await not_ready(client)
        assert (told["part"], "doctor" in told["message"]) == ("postgresql", True)
        assert "doctor" in (await parts_of(client))["postgresql"]["advice"]


async def test_postgresql_does_not_answer(settings: Settings) -> None:
    """A probe does not wait as long as a request would, nor does it ask again and again."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        url = SecretStr(f"postgresql://twinbase_service@127.0.0.1:{port}/twinbase")
        changed = {"database_url": url, "direct_url": None, "connect_timeout": 2.0}
        async with open_client(settings.model_copy(update=changed)) as client:
            told, again = await asyncio.gather(not_ready(client), not_ready(client))
            assert told == again
            assert "has not answered within" in told["message"]


async def test_the_schema_is_older(settings: Settings, admin: asyncpg.Connection) -> None:
    async with open_client(settings) as client:
        await admin.execute("UPDATE twinbase.alembic_version SET version_num = '0001'")
        told = await not_ready(client)
        assert told["part"] == "migrations"
        assert "0001" in told["message"]
        part = (await parts_of(client))["migrations"]
        assert (part["status"], part["facts"]["revision"]) == ("failing", "0001")
        assert "migrate up" in part["advice"]


async def test_nothing_of_ours_is_there(settings: Settings, admin: asyncpg.Connection) -> None:
    async with open_client(settings) as client:
        await admin.execute("DROP SCHEMA twinbase CASCADE")
        assert (await not_ready(client))["part"] == "migrations"
        assert (await parts_of(client))["migrations"]["status"] == "failing"


@pytest.mark.direct(reason="a pooler's sessions are not those of the pool")
@pytest.mark.parametrize(
    ("table", "part"),
    [("twinbase.operation", "queue"), ("twinbase.alembic_version", "migrations")],
)
async def test_a_lock_is_told_of_the_part_that_waits_for_it(
    table: str, part: str, client: Client, admin: asyncpg.Connection
) -> None:
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE {table}")
        found = (await parts_of(client))[part]
    assert (found["status"], found["facts"]) == ("degraded", {"sqlstate": "55P03"})
    assert "lock" in found["advice"]


async def test_a_full_pool_is_not_ready(settings: Settings, admin: asyncpg.Connection) -> None:
    changed = {"pool_timeout": 0.3, "lock_timeout_ms": int(PATIENCE * 1000)}
    async with open_client(settings.model_copy(update=changed)) as client:
        async with full_pool(client, admin):
            told = await not_ready(client)
            assert told["part"] == "pool"
            assert "All 3 connections" in told["message"]
            facts = (await parts_of(client))["pool metadata"]["facts"]
            assert (facts["size"], facts["in_use"]) == (3, 3)
        assert (await client.http.get("/readyz")).status_code == 200
        await until_well(client, "pool metadata")


@pytest.mark.direct(reason="a pooler's sessions are not those of the pool")
async def test_a_busy_moment_is_no_reason(settings: Settings, admin: asyncpg.Connection) -> None:
    """A load balancer would send everything to the others, which are as busy."""
    changed = {"lock_timeout_ms": int(PATIENCE * 1000)}
    async with open_client(settings.model_copy(update=changed)) as client:
        assert (await client.http.get("/readyz")).status_code == 200
        async with full_pool(client, admin):
            listing = asyncio.create_task(client.caller("u1").call("list_databases"))
            assert (await client.http.get("/readyz")).status_code == 200
            part = (await parts_of(client))["pool metadata"]
            assert part["status"] == "degraded"
            assert part["facts"]["waiting"] >= 1
            assert "TWINBASE_DATABASE_CONNECTIONS" in part["advice"]
        assert (await listing)["code"] == 0


async def test_all_parts_are_told(client: Client, admin: asyncpg.Connection) -> None:
    parts = await until_well(client, "listening", "operations", "sweeps")
    assert tuple(parts) == PARTS
    assert parts["worker"]["facts"]["version"] == VERSION
    version = await admin.fetchval("SHOW server_version")
    assert parts["postgresql"]["facts"]["version"] == version
    assert parts["queue"]["facts"] == {
        "waiting": 0,
        "oldest_seconds": 0,
        "running": 0,
        "pending": 0,
    }


async def test_settings_that_hurt_are_named(settings: Settings, admin: asyncpg.Connection) -> None:
    name = await admin.fetchval("SELECT quote_ident(current_database())")
    await admin.execute(f"ALTER DATABASE {name} SET log_statement TO 'all'")
    changed = {"lock_timeout_ms": settings.statement_timeout_ms}
    async with open_client(settings.model_copy(update=changed)) as client:
        part = (await parts_of(client))["settings"]
    assert part["status"] == "degraded"
    assert {"log_statement", "TWINBASE_LOCK_TIMEOUT_MS"} <= set(part["facts"]["names"])
