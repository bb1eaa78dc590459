"""Connections are shared by all tenants, and nothing of a tenant stays on one (E1, EXAMPLES §2.1).

The ancestor set search_path for the session and committed after each statement: the next one ran
on whatever connection came, in whichever tenant's schema that one was left.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from random import Random

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from domain.audit import of_no_request
from domain.gate import admit_dml
from domain.once import AnsweredBefore, Once
from domain.operation import OperationStatus
from domain.ownership import Caller as Owner
from domain.ports import TenantSession
from domain.timeouts import Timeouts
from exceptions.errors import ServiceUnavailable, TwinbaseError
from repository.cloning import PostgresCloning
from repository.connection import PoolConnection
from repository.directory import CachedDirectory
from repository.engine import create_engine, driver_of
from repository.operation_news import OperationNews
from repository.own_session import OwnSession
from repository.tenant_connections import TenantConnections
from repository.tenant_transaction import AnswerCaps, PostgresTenantTransactionFactory
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.background import Background
from service.gate_process import GateProcess
from service.settings import Settings
from service.turns import DatabaseTurns
from service.use_cases.clone_database import CloneDatabase, clone_database
from service.use_cases.exec_ddl import ExecDdl, exec_ddl
from service.use_cases.follow_operation import ended
from service.use_cases.operation_tools import OperationTools
from service.use_cases.statements import StatementTools
from tests.client import Caller, Client, open_client
from tests.faulty_wire import FaultyWire, Link, Watch
from tests.keyed import once_of
from tests.patience import PATIENCE
from tests.quotas import quota_tools
from tests.sessions import session_of

TENANTS = 6
REQUESTS = 20  # of each


async def test_many_tenants_on_two_connections(
    database_url: str, admin: asyncpg.Connection
) -> None:
    """Several statements each, all at once: never a row in another tenant's schema."""
    settings = Settings(
        database_url=SecretStr(database_url), database_connections=6, pool_timeout=60
    )
    async with open_client(settings) as client:
        callers = [client.caller(f"tenant-{number}") for number in range(TENANTS)]
        ids = {caller: await caller.create("same") for caller in callers}
        for caller, database_id in ids.items():
            await caller.ddl(database_id, "CREATE TABLE t (owner text, env text, number integer)")
        work = [
            several_statements(caller, ids[caller], number)
            for caller in callers
            for number in range(REQUESTS)
        ]
        Random(1).shuffle(work)  # noqa: S311 - an order, not a secret
        failures = [failure for failure in await asyncio.gather(*work) if failure]
    assert failures == []
    for caller, database_id in ids.items():
        for env in ("prod", "test"):
            rows = await admin.fetch(f"SELECT owner, env, uid, number FROM {env}_{database_id}.t")
            assert {(row["owner"], row["env"], row["uid"]) for row in rows} == {
                (caller.uid, env, f"app01:{caller.uid}")
            }
            assert len(rows) == REQUESTS / 2


async def several_statements(caller: Caller, database_id: int, number: int) -> str | None:
    """A fourth of the requests fails at its end, and leaves nothing."""
    env = "prod" if number % 2 else "test"
    mine = f"'{caller.uid}', '{env}', {number}"
    fails = number % 4 == 0
    answer = await caller.refused_dml(
        database_id,
        f"INSERT INTO t (owner, env, number) VALUES ({mine});"
        f"UPDATE t SET number = -number WHERE number = {number} AND owner = '{caller.uid}';"
        f"INSERT INTO t (owner, env, number) SELECT {mine} WHERE false;"
        f"SELECT DISTINCT owner, env FROM t; SELECT 1/{0 if fails else 1} AS one",
        env,
    )
    if fails:
        again = await caller.dml(
            database_id,
            f"INSERT INTO t (owner, env, number) VALUES ({mine}); SELECT DISTINCT owner, env"
            f" FROM t",
            env,
        )
        seen = again[1:]
    else:
        seen = answer["data"]["exec_success"][1:-1] if answer["code"] == 0 else []
    if fails != (answer["code"] == 25051) or seen != [{"owner": caller.uid, "env": env}]:
        return f"{caller.uid} {number}: {answer} {seen}"
    return None


CLEAN = {
    "user": "SELECT current_user = session_user",
    "search_path": """SELECT current_setting('search_path') = '"$user", public'""",
    "schema": "SELECT coalesce(current_setting('twinbase.schema', true), '') = ''",
    "uid": "SELECT coalesce(current_setting('twinbase.uid', true), '') = ''",
    "app_uid": "SELECT coalesce(current_setting('twinbase.app_uid', true), '') = ''",
    "settings": "SELECT count(*) = 0 FROM pg_settings WHERE source = 'session'",
    "row_security": "SELECT current_setting('row_security') = 'on'",
    "prepared statements": "SELECT count(*) = 0 FROM pg_prepared_statements WHERE from_sql",
    "cursors": "SELECT count(*) = 0 FROM pg_cursors WHERE name <> ''",
    "channels": "SELECT count(*) = 0 FROM pg_listening_channels()",
    "locks": "SELECT count(*) = 0 FROM pg_locks WHERE pid = pg_backend_pid()"
    " AND locktype NOT IN ('relation', 'virtualxid')",
    "temporary schema": "SELECT pg_my_temp_schema() = 0",
}


class OneConnection:
    """One for each kind of work, and a database in it with tables of some rows.

    A clone has two more: nobody could copy what another transaction holds with that one's alone.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        of_operations: AsyncEngine,
        connections: TenantConnections,
        database_url: str,
        database_id: int,
        uid: str,
    ) -> None:
        self.engine = engine
        self.of_operations = of_operations
        self.connections = connections
        self.database_id = database_id
        self.uid = uid
        self.timeouts = Timeouts(statement=60_000, lock=60_000)
        caps = AnswerCaps(default_rows=2, rows=3, bytes=10_000)
        self.unit_of_work = PostgresUnitOfWorkFactory(engine, self.timeouts)
        self.tenant_transaction = PostgresTenantTransactionFactory(connections, caps)
        self.tools = StatementTools(
            directory=CachedDirectory(
                self.unit_of_work, OwnSession(database_url, connect_timeout=PATIENCE), most=0
            ),
            gate=GateProcess(longest=5),
            turns=DatabaseTurns(1, 1, 1, longest_wait=5),
            turns_to_be_judged=DatabaseTurns(1, 1, 1, longest_wait=5),
            transaction=self.tenant_transaction,
            unit_of_work=self.unit_of_work,
            quotas=quota_tools(self.unit_of_work, database_url),
            timeouts=self.timeouts,
            ddl_lock_timeout=60_000,
        )

    @property
    def session(self) -> TenantSession:
        return session_of(self.database_id, self.uid, self.timeouts)

    async def dml(
        self,
        sql: str,
        *,
        commit: bool = True,
        once: Once | None = None,
        timeout_ms: int | None = None,
    ) -> None:
        session = self.session
        if timeout_ms is not None:
            session = replace(session, timeouts=Timeouts(statement=timeout_ms, lock=timeout_ms))
        statements = admit_dml(sql, session.schema.name)
        alone = commit and len(statements) == 1
        async with self.tenant_transaction(session, alone=alone, once=once) as work:
            for number, statement in enumerate(statements, start=1):
                await work.exec_dml(statement, number, [])
            if commit:
                await work.commit()

    async def ddl(self, ddl: str, *, timeout_ms: int | None = None) -> None:
        command = ExecDdl(
            self.database_id, Owner(self.uid), ddl, sid="of-this-test", timeout_ms=timeout_ms
        )
        await exec_ddl(command, self.tools)

    async def clone(self, name: str) -> None:
        command = CloneDatabase(self.database_id, Owner(self.uid), name, sid="of-this-test")
        tools = OperationTools(
            unit_of_work=self.unit_of_work,
            directory=self.tools.directory,
            cloning=PostgresCloning(self.of_operations, self.timeouts, streams=1),
            limits=self.tools.quotas.limits,
            news=OperationNews(),
            background=Background(asyncio.Semaphore(1)),
            patience=PATIENCE,
            at_once_of_uid=1,
            heartbeat=10,
        )
        change = of_no_request("clone_database", "test")
        operation = await ended(await clone_database(command, tools, change), tools, tools.patience)
        # Put back, it would be done by the fixture's service, on connections that nobody looks at.
        assert (operation.status, operation.attempt) == (OperationStatus.SUCCEEDED, 1)

    @property
    def checked_out(self) -> int:
        assert isinstance(self.engine.pool, QueuePool)
        return self.engine.pool.checkedout()

    async def unclean(self) -> list[str]:
        pooled = [
            await engine.raw_connection()
            for engine in (self.engine, self.of_operations, self.of_operations)
        ]
        try:
            found = [name for each in pooled for name in await left_on(driver_of(each))]
        finally:
            for each in pooled:
                each.close()
        async with self.connections.taken_for(self.session) as connection:
            return found + await left_on(connection.driver)


async def left_on(driver: PoolConnection) -> list[str]:
    found = [name for name, query in CLEAN.items() if not await driver.fetchval(query)]
    return found + (["transaction"] if driver.is_in_transaction() else [])


@pytest.fixture
async def one(client: Client, database_url: str) -> AsyncIterator[OneConnection]:
    caller = client.caller()
    database_id = await caller.create("shop")
    await caller.ddl(database_id, "CREATE TABLE t (name text, number serial, list integer[])")
    await caller.dml(
        database_id, "INSERT INTO t (name) SELECT 'a' || g FROM generate_series(1, 9) AS g"
    )
    engine, of_operations = [
        create_engine(database_url, pool_size=size, connect_timeout=PATIENCE, pool_timeout=PATIENCE)
        for size in (1, 2)
    ]
    connections = TenantConnections(database_url, connect_timeout=PATIENCE)
    try:
        yield OneConnection(
            engine, of_operations, connections, database_url, database_id, caller.uid
        )
    finally:
        await connections.close()
        await of_operations.dispose()
        await engine.dispose()


SLOW = "SELECT count(*) FROM generate_series(1, 100000000)"
SLOW_DDL = "CREATE TABLE u AS SELECT count(*) AS n FROM generate_series(1, 100000000)"


async def cancelled(work: Awaitable[None], one: OneConnection, admin: asyncpg.Connection) -> None:
    """Once its slow statement is running, as where a client goes away."""
    task = asyncio.ensure_future(work)
    running = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%1000000%'"
    )
    async with asyncio.timeout(PATIENCE):
        while not await admin.fetchval(f"{running} AND pid <> pg_backend_pid()"):
            if task.done():
                break
            await asyncio.sleep(0)
    task.cancel()
    await task


async def twice(one: OneConnection, sql: str) -> None:
    for _ in range(2):
        await one.dml(sql, once=once_of("k"))


Use = Callable[[OneConnection, asyncpg.Connection], Awaitable[None]]

USES: dict[str, Use] = {
    "commit": lambda one, _: one.dml("INSERT INTO t (name) VALUES ('b'); SELECT * FROM t"),
    "alone": lambda one, _: one.dml("INSERT INTO t (name) VALUES ('b')"),
    "alone, for reading": lambda one, _: one.dml("SELECT * FROM t"),
    "alone, and refused": lambda one, _: one.dml("SELECT * FROM nope"),
    "commit of a cursor": lambda one, _: one.dml("SELECT * FROM t LIMIT ALL"),
    "commit of a cut answer": lambda one, _: one.dml("SELECT repeat(name, 9999) FROM t LIMIT 99"),
    "commit of types that the driver asks about": lambda one, _: one.dml("SELECT t, list FROM t"),
    "no commit": lambda one, _: one.dml("UPDATE t SET name = 'c'", commit=False),
    "error": lambda one, _: one.dml("SELECT 1/(number - number) FROM t"),
    "error in a cursor": lambda one, _: one.dml("SELECT 1/(number - 3) FROM t LIMIT ALL"),
    "error at commit": lambda one, _: one.dml("INSERT INTO t (id) VALUES (1); SELECT * FROM nope"),
    "refused by the gate": lambda one, _: one.dml("SELECT 1; SET ROLE none"),
    "key": lambda one, _: one.dml("INSERT INTO t (name) VALUES ('b')", once=once_of("k")),
    "key, without commit": lambda one, _: one.dml("SELECT 1", commit=False, once=once_of("k")),
    "key, and an error": lambda one, _: one.dml("SELECT * FROM nope", once=once_of("k")),
    "key, answered before": lambda one, _: twice(one, "SELECT 1"),
    "key, and cancelled": lambda one, admin: cancelled(
        one.dml(SLOW, once=once_of("k")), one, admin
    ),
    "timeout": lambda one, _: one.dml(SLOW, timeout_ms=300),
    "cancelled": lambda one, admin: cancelled(one.dml(SLOW), one, admin),
    "DDL": lambda one, _: one.ddl("ALTER TABLE t ADD COLUMN other text; CREATE TABLE v (n SERIAL)"),
    "DDL that fails": lambda one, _: one.ddl("CREATE TABLE w (a int); CREATE TABLE w (a int)"),
    "DDL that settling refuses": lambda one, _: one.ddl("CREATE TABLE w (id uuid)"),
    "DDL that takes too long": lambda one, _: one.ddl(SLOW_DDL, timeout_ms=300),
    "DDL cancelled": lambda one, admin: cancelled(one.ddl(SLOW_DDL), one, admin),
    "clone": lambda one, _: one.clone("copy"),
    "clone that fails": lambda one, _: one.clone("shop"),
}


@pytest.mark.direct(reason="asks one session twice, and PgBouncer gives another each time")
@pytest.mark.parametrize("use", USES)
async def test_nothing_is_left(use: str, one: OneConnection, admin: asyncpg.Connection) -> None:
    assert await one.unclean() == []
    with suppress(TwinbaseError, AnsweredBefore, asyncio.CancelledError):
        await USES[use](one, admin)
    assert await one.unclean() == []
    await one.dml("INSERT INTO t (name) VALUES ('after')")
    assert await one.unclean() == []
    assert not await admin.fetchval(
        f"SELECT has_schema_privilege('twinbase_ddl', 'test_{one.database_id}', 'USAGE')"
    )


@pytest.mark.direct(reason="asks one session twice, and PgBouncer gives another each time")
@pytest.mark.parametrize("moment", range(8))
async def test_metadata_are_left_by_whoever_hangs_up(
    moment: int, one: OneConnection, admin: asyncpg.Connection
) -> None:
    """Also before PostgreSQL has said that the transaction began."""

    async def find() -> None:
        async with one.unit_of_work(label="who-hangs-up 1") as work:
            await work.databases.find(one.database_id)

    task = asyncio.create_task(find())
    for _ in range(moment):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert await one.unclean() == []
    await one.clone("copy")


@pytest.mark.parametrize("moment", range(8))
async def test_a_closed_connection_keeps_its_place(
    moment: int, one: OneConnection, admin: asyncpg.Connection
) -> None:
    """Whoever hangs up while it is being replaced leaves one for the next."""
    async with one.unit_of_work():
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    async def find() -> None:
        async with one.unit_of_work() as work:
            await work.databases.find(one.database_id)

    task = asyncio.create_task(find())
    for _ in range(moment):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert one.checked_out == 0


async def test_a_connection_that_is_not_let_in_is_one_that_is_unavailable(direct_url: str) -> None:
    """SQLAlchemy has an error of its own for it."""
    with FaultyWire(direct_url) as wire, wire.watched(Watch(words="connect", strike=Link.cut)):
        engine = create_engine(
            wire.url, pool_size=1, connect_timeout=PATIENCE, pool_timeout=PATIENCE
        )
        unit_of_work = PostgresUnitOfWorkFactory(engine, Timeouts(statement=300, lock=300))
        try:
            with pytest.raises(ServiceUnavailable):
                async with unit_of_work():
                    raise AssertionError
            async with unit_of_work() as work:
                assert await work.databases.find(7) is None
        finally:
            await engine.dispose()
