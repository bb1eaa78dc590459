"""Rows of the audit are added, and nothing else; but for those that are as old as is said."""

import asyncio

import asyncpg
import pytest
from pydantic import SecretStr

from domain.timeouts import Timeouts
from repository.engine import create_engine
from repository.migrations import migrate_check, migrate_down, migrate_up
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from service.sweeping import sweeping
from service.use_cases.forget_audit import forget_audit
from tests.audited import audited
from tests.client import Client, open_client
from tests.direct_ddl import DirectDdl
from tests.patience import PATIENCE

KEPT = "TW001"
TENANTS_ROLES = ("twinbase_ddl", "twinbase_dml", "twinbase_space", "twinbase_reader")

FORBIDDEN = (
    "UPDATE twinbase.audit SET uid = 'somebody else'",
    "UPDATE twinbase.audit SET at = at - interval '9 years'",
    "DELETE FROM twinbase.audit",
    "TRUNCATE twinbase.audit",
    """INSERT INTO twinbase.audit SELECT * FROM twinbase.audit
    ON CONFLICT (id) DO UPDATE SET uid = 'somebody else'""",
    """MERGE INTO twinbase.audit AS a USING twinbase.audit AS b ON a.id = b.id
    WHEN MATCHED THEN DELETE""",
)
PRETEXTS = (
    "",
    "SET session_replication_role = replica;",
    "SET twinbase.audit_days = '0';",
    "SET twinbase.audit_days = '-9';",
)


async def refused(connection: asyncpg.Connection, sql: str) -> str | None:
    """The SQLSTATE."""
    try:
        async with connection.transaction():
            await connection.execute(sql)
    except asyncpg.PostgresError as error:
        return error.sqlstate
    return None


async def make_old(admin: asyncpg.Connection, days: int, rows: int = 1) -> None:
    """Written as if it had been then."""
    await admin.execute(
        "INSERT INTO twinbase.audit (at, platform_id, platform_name, sid, verb, code, outcome, count)"
        " SELECT now() - make_interval(days => $1, secs => g), 1, 'default', 'sid', 'v', 0, 'done', $1"
        " FROM generate_series(1, $2) AS g",
        days,
        rows,
    )


async def until_left(admin: asyncpg.Connection, days: list[int]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if await ages(admin) == days:
                return
            await asyncio.sleep(0.01)


async def ages(admin: asyncpg.Connection) -> list[int]:
    rows = await admin.fetch("SELECT DISTINCT count FROM twinbase.audit ORDER BY 1")
    return [row["count"] for row in rows]


@pytest.mark.parametrize("sql", FORBIDDEN)
async def test_nobody_changes_or_removes_a_row(
    sql: str, client: Client, admin: asyncpg.Connection, direct_url: str
) -> None:
    """Neither the service's login, which owns the table, nor a superuser, by accident."""
    await client.caller().create()
    before = await audited(admin)
    assert len(before) == 1
    service = await asyncpg.connect(direct_url)
    try:
        for connection in (service, admin):
            for pretext in PRETEXTS:
                if connection is service and "replication" in pretext:
                    continue  # a superuser's setting
                assert await refused(connection, pretext + sql) == KEPT, pretext
    finally:
        await service.close()
    assert await audited(admin) == before


async def test_tenants_reach_nothing_of_it(admin: asyncpg.Connection, direct: DirectDdl) -> None:
    """Whatever a role of theirs might say to PostgreSQL itself."""
    for role in TENANTS_ROLES:
        for sql in (
            "SELECT * FROM twinbase.audit",
            "INSERT INTO twinbase.audit DEFAULT VALUES",
            "SELECT twinbase.forget_audit(1, 1)",
            *FORBIDDEN,
        ):
            assert await refused(admin, f"SET LOCAL ROLE {role}; {sql}") == "42501", (role, sql)


async def test_what_is_older_is_forgotten_by_the_sweep(
    admin: asyncpg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By several workers at once, some rows at a time; to the day, and nothing by default."""
    monkeypatch.setattr("service.use_cases.forget_audit._AT_A_TIME", 7)
    for days in (5, 29, 30, 31, 400):
        await make_old(admin, days, rows=20)
    engine = create_engine(
        database_url, pool_size=3, connect_timeout=PATIENCE, pool_timeout=PATIENCE
    )
    unit_of_work = PostgresUnitOfWorkFactory(engine, Timeouts(statement=9_000, lock=9_000))
    try:
        assert await forget_audit(unit_of_work, 0) == 0
        assert await ages(admin) == [5, 29, 30, 31, 400]
        async with (
            sweeping(unit_of_work, 0.01, first_pause=0.01, audit_days=30),
            sweeping(unit_of_work, 0.01, first_pause=0.01, audit_days=30),
        ):
            await until_left(admin, [5, 29])
        assert await admin.fetchval("SELECT count(*) FROM twinbase.audit") == 40
        assert await forget_audit(unit_of_work, 1) == 40
    finally:
        await engine.dispose()


async def test_the_last_day_is_never_forgotten(
    client: Client, admin: asyncpg.Connection, direct_url: str
) -> None:
    """Whatever is said; and what was said does not outlast its call."""
    await client.caller().create()
    await make_old(admin, 2)
    service = await asyncpg.connect(direct_url)
    try:
        for days in (0, -5):
            async with service.transaction():
                assert await service.fetchval("SELECT twinbase.forget_audit($1, 9)", days) == 1
                assert await refused(service, "DELETE FROM twinbase.audit") == KEPT
            await make_old(admin, 2)
        assert await refused(service, "DELETE FROM twinbase.audit") == KEPT
    finally:
        await service.close()
    assert len(await audited(admin)) == 2


async def test_a_setting_says_how_many_days(settings: Settings, admin: asyncpg.Connection) -> None:
    for days in (3, 20):
        await make_old(admin, days)
    some = settings.model_copy(update={"audit_days": 10})
    async with open_client(some):
        await until_left(admin, [3])


async def test_up_and_down_with_rows(settings: Settings, admin: asyncpg.Connection) -> None:
    """Down removes what was told; up begins anew. Operations end with an audit and without a row."""
    async with open_client(settings) as client:
        await client.caller().create()
    assert isinstance(settings.database_url, SecretStr)
    engine = create_engine(
        settings.database_url.get_secret_value(),
        pool_size=1,
        connect_timeout=PATIENCE,
        pool_timeout=PATIENCE,
    )
    try:
        await migrate_down(engine, "0007", force=True)
        left = "SELECT count(*) FROM pg_proc WHERE proname LIKE '%audit%'"
        assert await admin.fetchval(left) == 0
        assert await admin.fetchval("SELECT to_regclass('twinbase.audit')") is None
        await migrate_up(engine)
        await migrate_check(engine)
    finally:
        await engine.dispose()
    assert await audited(admin) == []
    async with open_client(settings) as client:
        await client.caller().create("again")
    assert len(await audited(admin)) == 1


async def test_an_operation_from_before_has_an_end_too(
    client: Client, admin: asyncpg.Connection
) -> None:
    """It has no row of its beginning; what the operation knows is told."""
    caller = client.caller()
    source = await caller.create()
    async with admin.transaction():
        await admin.execute("LOCK TABLE twinbase.operation_attempt IN ACCESS EXCLUSIVE MODE")
        cloned = await caller.done(
            "clone_database", database_id=source, new_database_name="copy", wait=False
        )
        await admin.execute(
            "ALTER TABLE twinbase.audit DISABLE TRIGGER keep_audit; DELETE FROM twinbase.audit;"
            "ALTER TABLE twinbase.audit ENABLE ALWAYS TRIGGER keep_audit"
        )
    await caller.ended(cloned["operation_id"])
    (row,) = await audited(admin)
    assert (row["outcome"], row["uid"], row["platform_name"]) == ("succeeded", "u1", "default")
    assert (row["operation_id"], row["database_id"]) == (
        cloned["operation_id"],
        cloned["database_id"],
    )
