"""A statement that is a transaction of its own: one flight, and what may come between."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from domain.database import RowAccess
from domain.gate import admit_dml
from domain.identifiers import Identifier
from domain.ownership import RowOwner
from domain.ports import TenantSession
from domain.timeouts import Timeouts
from exceptions.errors import (
    DatabaseOperationFailed,
    DmlFailed,
    InvalidParameter,
    ServiceUnavailable,
)
from repository.tenant_connections import TenantConnections
from repository.tenant_transaction import AnswerCaps, PostgresTenantTransactionFactory
from tests.client import Caller, Client
from tests.patience import PATIENCE
from tests.sessions import session_of

CAPS = AnswerCaps(default_rows=100, rows=10_000, bytes=10_000_000)


class Tenant:
    """A database with a table, and a connection of its own that nobody else is given."""

    def __init__(self, connections: TenantConnections, session: TenantSession) -> None:
        self.connections = connections
        self.session = session
        self._transaction = PostgresTenantTransactionFactory(connections, CAPS)

    async def dml(self, sql: str, *values: object, **changed: object) -> list[list[object]]:
        session = replace(self.session, **changed)  # type: ignore[arg-type]  # its own fields
        (statement,) = admit_dml(sql, session.schema.name, None)
        async with self._transaction(session, alone=True) as work:
            return [list(row) for row in (await work.exec_dml(statement, 1, values)).rows]

    async def process(self) -> int:
        async with self.connections.taken_for(self.session) as connection:
            return connection.driver.get_server_pid()


@pytest.fixture
async def tenant(client: Client, database_url: str) -> AsyncIterator[Tenant]:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (n integer, word text)")
    await caller.dml(database_id, "INSERT INTO t VALUES (1, 'one')")
    session = session_of(database_id, caller.uid, Timeouts(statement=10_000, lock=1_000))
    connections = TenantConnections(database_url, connect_timeout=PATIENCE)
    try:
        yield Tenant(connections, session)
    finally:
        await connections.close()


@pytest.mark.parametrize(
    ("alteration", "sql", "value", "after"),
    [
        ("ALTER COLUMN n TYPE bigint", "SELECT $1 + n FROM t WHERE n < $1", 2**40, [[2**40 + 1]]),
        ("ALTER COLUMN n TYPE text", "SELECT word FROM t WHERE n = $1", "1", [["one"]]),
        ("ALTER COLUMN n TYPE text", "SELECT n FROM t WHERE word > $1", "a", [["1"]]),
        ("ADD COLUMN more integer DEFAULT 7", "SELECT * FROM t WHERE n = $1", 1, None),
        ("ALTER COLUMN word TYPE varchar(9)", "UPDATE t SET word = $1", "x", []),
    ],
)
async def test_a_table_changed_behind_its_back(
    alteration: str,
    sql: str,
    value: object,
    after: list[list[object]] | None,
    tenant: Tenant,
    admin: asyncpg.Connection,
) -> None:
    """By hand, or by another worker whose notice has not come: the text means what it means now."""
    before = {int: 5, str: "5"}[type(value)] if "$1 + n" not in sql else 5
    try:
        await tenant.dml(sql, before)
    except InvalidParameter:
        await tenant.dml(sql, 5)
    process = await tenant.process()
    await admin.execute(f"ALTER TABLE {tenant.session.schema}.t {alteration}")
    found = await tenant.dml(sql, value)
    if after is None:
        assert found[0][-1] == 7
    else:
        assert found == after
    assert await tenant.process() == process


async def test_in_another_schema_the_same_text_is_another_statement(
    tenant: Tenant, client: Client
) -> None:
    other = client.caller(tenant.session.row_owner.uid)
    database_id = await other.create("other")
    await other.ddl(database_id, "CREATE TABLE t (n text)")
    await other.dml(database_id, "INSERT INTO t VALUES ('of the other')")
    schema = Identifier(f"test_{database_id}")
    for _ in range(7):  # PostgreSQL may have a generic plan by then
        assert await tenant.dml("SELECT n FROM t") == [[1]]
        assert await tenant.dml("SELECT n FROM t", schema=schema) == [["of the other"]]


async def test_as_somebody_else_the_same_text_finds_his_rows(tenant: Tenant) -> None:
    somebody = RowOwner("somebody", "app01")
    for _ in range(7):
        assert await tenant.dml("SELECT n FROM t") == [[1]]
        assert await tenant.dml("SELECT n FROM t", row_owner=somebody) == []
        assert await tenant.dml("SELECT n FROM t", row_owner=somebody, rows=RowAccess.SPACE) == [
            [1]
        ]


@pytest.mark.direct(reason="behind PgBouncer no statement is a transaction of its own")
async def test_a_beginning_that_fails_keeps_the_statement_from_running(
    tenant: Tenant, admin: asyncpg.Connection
) -> None:
    insert = "INSERT INTO t (n) VALUES (2)"
    await tenant.dml(insert)
    process = await tenant.process()
    for timeouts in (Timeouts(statement=2**40, lock=1), Timeouts(statement=1_000, lock=2**40)):
        with pytest.raises(DatabaseOperationFailed):
            await tenant.dml(insert, timeouts=timeouts)
    with pytest.raises(DatabaseOperationFailed):
        await tenant.dml("INSERT INTO t (n) VALUES (3)", timeouts=Timeouts(2**40, 1))
    assert await admin.fetchval(f"SELECT count(*) FROM {tenant.session.schema}.t") == 2
    assert await tenant.process() != process
    assert await tenant.dml(insert) != []


@pytest.mark.direct(reason="behind PgBouncer no statement is a transaction of its own")
async def test_what_asyncpg_refuses_to_send_leaves_nothing_open(tenant: Tenant) -> None:
    process = await tenant.process()
    async with tenant.connections.taken_for(tenant.session) as connection:
        query = await connection.prepare_plain(tenant.session, "SELECT n FROM t")
        for _ in range(3):
            with (
                pytest.raises(asyncpg.InterfaceError, match="expects 0 arguments"),
                connection.alone(tenant.session),
            ):
                await query.fetch(1)
        with connection.alone(tenant.session):
            assert [tuple(row) for row in await query.fetch()] == [(1,)]
        assert await connection.driver.fetchval("SELECT current_user = session_user")
    assert await tenant.dml("SELECT n FROM t") == [[1]]
    assert await tenant.process() == process


async def test_many_texts_are_not_kept_for_ever(tenant: Tenant) -> None:
    for number in range(250):
        assert await tenant.dml(f"SELECT n + {number} FROM t") == [[number + 1]]
    async with tenant.connections.taken_for(tenant.session) as connection:
        kept = await connection.driver.fetchval("SELECT count(*) FROM pg_prepared_statements")
    assert kept < 110


@pytest.mark.direct(reason="PgBouncer gives the session that has grown to somebody else")
async def test_a_session_that_has_grown_is_closed(tenant: Tenant) -> None:
    """A time zone that is named takes 24 kB of the session's memory, for good."""
    process = await tenant.process()
    for start in range(0, 12_000, 3_000):
        await tenant.dml(
            f"SELECT count(now() AT TIME ZONE ('A' || g / 3600 || ':' || g / 60 % 60 || ':' ||"
            f" g % 60)) FROM generate_series({start}, {start + 2_999}) AS g"
        )
    async with tenant.connections.taken_for(tenant.session) as connection:
        connection.seconds_of_tenants = 60.0
    assert await tenant.process() != process


async def test_a_session_that_has_not_grown_stays(tenant: Tenant) -> None:
    process = await tenant.process()
    async with tenant.connections.taken_for(tenant.session) as connection:
        connection.seconds_of_tenants = 60.0
    assert await tenant.process() == process


async def test_errors_of_a_kept_statement_are_told_as_of_a_new_one(tenant: Tenant) -> None:
    for _ in range(3):
        with pytest.raises(DmlFailed, match="division by zero"):
            await tenant.dml("SELECT 1 / (n - 1) FROM t")
        with pytest.raises(DmlFailed, match="out of range"):
            await tenant.dml("SELECT n + $1::integer FROM t", 2**31 - 1)
        with pytest.raises(InvalidParameter, match="32 bits"):
            await tenant.dml("SELECT n + $1 FROM t", 2**40)


async def test_whoever_hangs_up_leaves_a_good_connection(tenant: Tenant) -> None:
    for _ in range(5):
        task = asyncio.create_task(tenant.dml("SELECT count(*) FROM generate_series(1, 90000000)"))
        await asyncio.sleep(0.03)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await tenant.dml("SELECT n FROM t") == [[1]]


def _is_nice(process: int, niceness: int) -> bool:
    """Also the session's autogroup, where there are those: niceness counts within it only."""
    autogroup = Path(f"/proc/{process}/autogroup")
    return os.getpriority(os.PRIO_PROCESS, process) == niceness and (
        not autogroup.exists() or autogroup.read_text().endswith(f"nice {niceness}\n")
    )


@pytest.mark.direct(reason="a pooler tells no process of PostgreSQL's")
async def test_a_slow_statement_lets_others_go_first(tenant: Tenant, database_url: str) -> None:
    """By the operating system, so where PostgreSQL runs on this machine; for the session's life."""
    connections = TenantConnections(database_url, connect_timeout=PATIENCE, niceness=7)
    nice = Tenant(connections, tenant.session)
    await nice.dml("SELECT n FROM t")
    process = await nice.process()
    try:
        before = os.getpriority(os.PRIO_PROCESS, process)
    except ProcessLookupError:
        pytest.skip("the server's processes are not on this machine, or not to be seen")
    slow = asyncio.create_task(nice.dml("SELECT count(*) FROM generate_series(1, 90000000)"))
    for _ in range(2_000):
        await asyncio.sleep(0.01)
        if _is_nice(process, 7):
            break
    assert _is_nice(process, 7)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    again = await nice.process()
    assert again != process
    assert os.getpriority(os.PRIO_PROCESS, again) == before
    async with connections.taken_for(tenant.session):
        await asyncio.sleep(0.5)  # who waits takes nothing from others
    assert await nice.process() == again
    await connections.close()


@pytest.mark.direct(reason="behind PgBouncer no statement is kept prepared")
async def test_a_hang_up_at_any_moment_leaves_nothing_prepared(tenant: Tenant) -> None:
    await tenant.dml("SELECT n FROM t")
    for moment in range(40):
        task = asyncio.create_task(tenant.dml(f"SELECT n + {moment} FROM t"))
        for _ in range(moment % 10):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    async with tenant.connections.taken_for(tenant.session) as connection:
        for number in range(101):  # so many that nothing else is kept any more
            await tenant.dml(f"SELECT n - {number} FROM t")
        with connection.alone(tenant.session):
            await connection.driver.fetch("SELECT 1")
        prepared = await connection.driver.fetchval("SELECT count(*) FROM pg_prepared_statements")
    assert prepared <= 103


@pytest.mark.direct(reason="a pooler tells no process of PostgreSQL's")
async def test_a_lost_connection_does_not_say_that_nothing_was_changed(
    tenant: Tenant, admin: asyncpg.Connection
) -> None:
    slow = "FROM generate_series(1, 90000000) AS g WHERE g < 0"
    for sql, told in (
        (f"INSERT INTO t (n) SELECT g {slow}", "is not known"),
        (f"SELECT g {slow}", "try again"),
    ):
        await tenant.dml("SELECT n FROM t")
        process = await tenant.process()
        task = asyncio.create_task(tenant.dml(sql))
        terminated = None
        while not terminated:
            terminated = await admin.fetchval(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1"
                " AND state = 'active' AND query_start < clock_timestamp() - interval '50 ms'",
                process,
            )
        with pytest.raises(ServiceUnavailable, match=told):
            await task


@pytest.mark.direct(reason="a pooler tells no process of PostgreSQL's")
async def test_a_server_that_has_stopped_holds_nobody_up(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repository.connection._LONGEST_ROLLBACK", 0.2)
    process = await tenant.process()
    task = asyncio.create_task(tenant.dml("SELECT count(*) FROM generate_series(1, 90000000)"))
    try:
        os.kill(process, signal.SIGSTOP)
    except ProcessLookupError:
        pytest.skip("the server's processes are not on this machine, or not to be seen")
    try:
        await asyncio.sleep(0.05)
        task.cancel()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await tenant.dml("SELECT n FROM t") == [[1]]
    finally:
        os.kill(process, signal.SIGCONT)


async def test_an_error_of_its_own_is_met_once(tenant: Tenant, admin: asyncpg.Connection) -> None:
    """Not a second time, as where DDL may have come between: 42601 here is the word's."""
    await admin.execute(f"CREATE SEQUENCE {tenant.session.schema}.s")
    await admin.execute(f"GRANT USAGE ON SEQUENCE {tenant.session.schema}.s TO twinbase_dml")
    await admin.execute(f"UPDATE {tenant.session.schema}.t SET word = '$.['")
    sql = "SELECT nextval('s'), word::jsonpath FROM t"
    for expected in (1, 2, 3):
        with pytest.raises(DmlFailed, match="jsonpath"):
            await tenant.dml(sql)
        assert await admin.fetchval(f"SELECT last_value FROM {tenant.session.schema}.s") == expected


async def test_the_place_is_told_as_it_was_sent(tenant: Tenant, admin: asyncpg.Connection) -> None:
    """Where PostgreSQL has got the statement with casts of ours."""
    sql = "SELECT n FROM t WHERE current_date > $1 AND word <> 'abc'"
    await tenant.dml(sql, "2026-01-01")
    await admin.execute(f"UPDATE {tenant.session.schema}.t SET word = '1'")
    await admin.execute(
        f"ALTER TABLE {tenant.session.schema}.t ALTER COLUMN word TYPE integer USING word::integer"
    )
    for _ in range(2):
        with pytest.raises(DmlFailed) as raised:
            await tenant.dml(sql, "2026-01-01")
        assert raised.value.sql is not None
        assert raised.value.sql.offset == sql.index("'abc'")


async def test_what_is_checked_at_the_end_is_within_the_time(client: Client) -> None:
    owner = client.caller()
    database_id = await owner.create("deferred")
    await owner.ddl(
        database_id,
        "CREATE TABLE p (n integer UNIQUE);"
        "CREATE TABLE c (n integer REFERENCES p (n) DEFERRABLE INITIALLY DEFERRED)",
    )
    await owner.dml(
        database_id,
        "INSERT INTO p SELECT generate_series(1, 5000);"
        "INSERT INTO c SELECT 5001 - g % 2 - 1 FROM generate_series(1, 20000) AS g",
    )
    refused = await owner.refused_dml(
        database_id, "DELETE FROM p WHERE n < 4000; SELECT 1 AS one", timeout_ms=200
    )
    assert refused["code"] == 25031
    assert await owner.dml(database_id, "SELECT count(*) AS n FROM p") == [{"n": 5000}]


@pytest.fixture
async def caller(client: Client) -> tuple[Caller, int]:
    caller = client.caller()
    return caller, await caller.create()


async def test_ddl_is_known_to_the_next_request(caller: tuple[Caller, int]) -> None:
    """On all connections of the worker, with all that was kept."""
    owner, database_id = caller
    await owner.ddl(database_id, "CREATE TABLE t (n integer)")
    insert = "INSERT INTO t (n) VALUES ($1)"
    for _ in range(3):
        await asyncio.gather(*(owner.dml(database_id, insert, params=[1]) for _ in range(6)))
    await owner.ddl(database_id, "ALTER TABLE t ALTER COLUMN n TYPE text")
    refused = await owner.refused_dml(database_id, insert, params=[[1]])
    assert refused["code"] == 25000
    answers = await asyncio.gather(
        *(owner.dml(database_id, insert, params=["two"]) for _ in range(6))
    )
    assert len(answers) == 6
    ((row,),) = [
        await owner.dml(database_id, "SELECT DISTINCT n FROM t WHERE n > $1", params=["2"])
    ]
    assert row == {"n": "two"}
