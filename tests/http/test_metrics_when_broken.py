"""Broken on purpose: whether a scrape still answers, and leads to what is wrong."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from pydantic import SecretStr

from service.settings import Settings
from tests.client import Client, Row, open_client
from tests.operations import locked
from tests.patience import eventually
from tests.scraped import Scraped, scraped

SLOW = "SELECT count(*) FROM generate_series(1, 1000000000)"


@pytest.fixture(autouse=True)
def looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here waits for ten seconds."""
    monkeypatch.setattr("service.telemetry.scraping._TRUSTED_FOR", -1.0)


@asynccontextmanager
async def under_way(calls: Iterable[Coroutine[Any, Any, Row]]) -> AsyncIterator[None]:
    """They are cancelled at the end."""
    tasks = [asyncio.create_task(call) for call in calls]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_pool_that_is_full(settings: Settings, admin: asyncpg.Connection) -> None:
    """PostgreSQL is up, the pool of metadata has none left, and they wait for a lock."""
    hasty = settings.model_copy(update={"pool_timeout": 0.2})
    async with open_client(hasty) as client:
        quiet = await scraped(client)
        most = int(quiet("pool_connections_max", pool="metadata") or 0)
        async with locked(admin, "twinbase.database_meta"):
            calls = [client.call("list_databases", uid="u1") for _ in range(most + 3)]
            async with under_way(calls):
                seen = await eventually(lambda: _is_full(client, quiet, most))
    assert seen is not None
    assert (seen("requests_in_flight", verb="list_databases") or 0) >= 1
    assert seen("database_up") == 1
    # The very lock keeps databases from being counted.
    assert seen("installation_read") == 0
    assert seen("databases", status="ready") is None


async def _is_full(client: Client, before: Scraped, most: int) -> Scraped | None:
    seen = await scraped(client)
    in_use = seen("pool_connections", pool="metadata", state="in_use")
    refused = seen.grown(before, "pool_refusals_total", pool="metadata", reason="none_free")
    locked_out = seen("server_lock_waiters") or 0  # looked at a moment before
    return seen if in_use == most and refused >= 1 and locked_out >= most else None


async def test_no_turn_in_time(settings: Settings, admin: asyncpg.Connection) -> None:
    """One database has more to do than it may at a time, and that bound is named."""
    few = settings.model_copy(update={"statements_per_database": 1, "turn_timeout": 0.3})
    async with open_client(few) as client:
        caller = client.caller()
        database_id = await caller.create()
        before = await scraped(client)
        async with under_way([caller.refused_dml(database_id, SLOW)]):
            await eventually(lambda: _takes_a_turn(client))
            late = asyncio.create_task(caller.refused_dml(database_id, "SELECT 1 AS one"))
            await eventually(lambda: _wants_a_turn(client))
            assert (await late)["code"] == 25018
            after = await scraped(client)
        labels = {"turns": "statements", "bound": "database"}
        assert after.grown(before, "turns_refused_total", **labels) == 1
        assert after.grown(before, "turns_refused_total", turns="statements", bound="all") == 0
        assert after("pool_connections", pool="tenants", state="in_use") == 1
    assert after("turns_waiting", turns="statements") == 0


async def _takes_a_turn(client: Client) -> bool:
    return (await scraped(client))("turns_taken", turns="statements") == 1


async def _wants_a_turn(client: Client) -> bool:
    return (await scraped(client))("turns_waiting", turns="statements") == 1


async def test_a_policy_that_was_dropped_by_hand(client: Client, admin: asyncpg.Connection) -> None:
    """Without it every row is forbidden; any DDL on the table makes it anew."""
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (n integer)")
    insert = "INSERT INTO t (n) VALUES (1)"
    before = await scraped(client)
    table = f"test_{database_id}.t"
    for policy in await admin.fetch(
        "SELECT polname FROM pg_policy WHERE polrelid = $1::text::regclass", table
    ):
        await admin.execute(f'DROP POLICY "{policy["polname"]}" ON {table}')
    assert (await caller.refused_dml(database_id, insert))["code"] == 25020
    after = await scraped(client)
    assert _denied(before, after) == {("row_security", "tenant"): 1}
    errors = after.grown(before, "postgresql_errors_total", sqlstate="42501", whose="tenant")
    assert errors == 1
    await caller.ddl(database_id, "COMMENT ON TABLE t IS 'settled anew'")
    assert len(await caller.dml(database_id, insert)) == 1
    assert _denied(after, await scraped(client)) == {}


async def test_a_privilege_that_was_revoked_from_tenants(
    client: Client, admin: asyncpg.Connection
) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (n integer)")
    before = await scraped(client)
    await admin.execute(f"REVOKE ALL ON test_{database_id}.t FROM twinbase_dml")
    assert (await caller.refused_dml(database_id, "SELECT n FROM t"))["code"] == 25020
    assert _denied(before, await scraped(client)) == {("privilege", "tenant"): 1}


async def test_a_privilege_that_was_revoked_from_the_service(
    client: Client, admin: asyncpg.Connection
) -> None:
    """It is told apart from all that tenants do, and PostgreSQL is not said to be away."""
    before = await scraped(client)
    await admin.execute("REVOKE SELECT ON twinbase.database_meta FROM twinbase_service")
    refused = await client.call("list_databases", uid="u1")
    assert (refused["code"], "doctor" in refused["message"]) == (25500, True)
    after = await scraped(client)
    assert set(_denied(before, after)) == {("privilege", "service")}
    assert (after("database_up"), after("installation_read")) == (1, 0)
    assert after("migration_state", state="current") == 1
    labels = {"level": "warning", "event": "installation_not_read"}
    assert after.grown(before, "log_events_total", **labels) >= 1
    await admin.execute("GRANT SELECT ON twinbase.database_meta TO twinbase_service")
    assert (await scraped(client))("installation_read") == 1


def _denied(before: Scraped, after: Scraped) -> dict[tuple[str, str], float]:
    grown = {
        (labels["denied_by"], labels["whose"]): after.grown(before, "denials_total", **labels)
        for labels in after.labels("denials_total")
    }
    return {kind: number for kind, number in grown.items() if number}


@pytest.mark.usefixtures("nothing_by_itself")
async def test_a_postgresql_that_refuses_the_service(
    client: Client, admin: asyncpg.Connection, direct_url: str
) -> None:
    """New sessions; those that it has go on."""
    name = urlsplit(direct_url).path.lstrip("/")
    await client.call("list_databases", uid="u1")
    before = await scraped(client)
    await admin.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
    try:
        assert (await client.call("list_databases", uid="u1"))["code"] == 0
        after = await scraped(client)
    finally:
        await admin.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
    assert (after("database_up"), after("installation_read")) == (0, 0)
    assert after("migration_state", state="current") is None
    labels = {"sqlstate": "53300", "whose": "service"}
    assert after.grown(before, "postgresql_errors_total", **labels) == 1
    assert (await scraped(client))("database_up") == 1


async def test_a_postgresql_that_is_not_there(settings: Settings) -> None:
    away = SecretStr("postgresql://twinbase_service@127.0.0.1:1/nothing")
    astray = settings.model_copy(update={"database_url": away, "direct_url": away})
    async with open_client(astray) as client:
        assert (await client.call("list_databases", uid="u1"))["code"] == 25503
        seen = await scraped(client)
        assert (seen("database_up"), seen("installation_read")) == (0, 0)
        assert seen("pool_refusals_total", pool="metadata", reason="unreachable") == 1
        assert seen("workers_listening") == seen("workers_taking_operations") == 0
        assert seen("requests_total", verb="list_databases", code="25503") == 1


@pytest.mark.parametrize(
    ("query", "state"),
    [
        ("UPDATE twinbase.alembic_version SET version_num = '0001'", "behind"),
        ("UPDATE twinbase.alembic_version SET version_num = '9999'", "unknown"),
        ("DROP TABLE twinbase.alembic_version", "absent"),
    ],
)
async def test_a_schema_of_another_version(
    client: Client, admin: asyncpg.Connection, query: str, state: str
) -> None:
    await admin.execute(query)
    seen = await scraped(client)
    for each in ("current", "behind", "unknown", "absent"):
        assert seen("migration_state", state=each) == (each == state)


async def test_sessions_that_were_lost(client: Client, admin: asyncpg.Connection) -> None:
    before = await scraped(client)
    assert before("workers_listening") == 1
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'twinbase listening'"
    )

    async def again() -> bool:
        seen = await scraped(client)
        return seen("workers_listening") == 1 and seen("listening_sessions_total") == 2

    await eventually(again)


async def test_what_the_doctor_finds(settings: Settings, admin: asyncpg.Connection) -> None:
    """At the service's start, and then every ten minutes."""
    async with open_client(settings) as client:
        database_id = await client.caller().create()
    await admin.execute(f"DROP SCHEMA prod_{database_id} CASCADE")
    async with open_client(settings) as client:

        async def found() -> bool:
            return (await scraped(client))("findings", kind="missing_schema") == 1

        await eventually(found)
        seen = await scraped(client)
    assert seen("findings", kind="unknown_schema") == 0
    assert seen("sweeps_failed_total", sweep="tell") == 0
