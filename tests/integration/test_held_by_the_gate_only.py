"""What PostgreSQL lets these roles do and only the gate keeps from them: the honest table.

Each entry is shown to run on the server, so that nothing stays here that the server holds by now,
and to be refused by the gate. None of them, refused or not, is needed for data alone: they would
change who one is, which is why the gate refuses statements by their kind.
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from domain.identifiers import Identifier
from repository.tenant_ddl import open_for_ddl
from tests.client import Client
from tests.server_line import ServerLine, server_line
from tests.state import changes, state_of
from tests.two_tenants import TwoTenants, leaks, two_tenants

IDENTITY = {
    "the schema that policies compare": "SET LOCAL twinbase.schema TO '@foreign@'",
    "the uid that policies compare": "SET LOCAL twinbase.uid TO 'app01:alice'",
    "the stamp of new rows": "SET LOCAL twinbase.app_uid TO 'app01:alice'",
    "setting by SET without LOCAL": "SET twinbase.schema TO '@foreign@'",
    "search_path": "SET LOCAL search_path TO @foreign@",
    "timeouts": "SET LOCAL statement_timeout TO 0",
    "role by RESET": "RESET ROLE",
    "role by SET": "SET LOCAL ROLE twinbase_service",
    "role by NONE": "SET ROLE NONE",
    "session's role": "SET SESSION AUTHORIZATION DEFAULT",
    "all settings": "RESET ALL",
    "the transaction's end": "COMMIT",
    "the transaction's undoing": "ROLLBACK",
    "savepoint": "SAVEPOINT stolen",
    "password of the role": "ALTER ROLE CURRENT_USER PASSWORD NULL",
    "settings of the role": "ALTER ROLE CURRENT_USER SET work_mem TO '4MB'",
}

LEFT_ON_THE_CONNECTION = {
    "prepared statement": "PREPARE stolen AS SELECT 1",
    "cursor": "DECLARE stolen CURSOR WITH HOLD FOR SELECT 1",
    "listening": "LISTEN twinbase_databases",
    "seed of the planner": "SET enable_seqscan TO off",
}

WITHOUT_DATA = {
    "lock of another's table": "LOCK TABLE @foreign@.items IN ACCESS EXCLUSIVE MODE",
    "message to the workers": "NOTIFY twinbase_databases, '1'",
    "number of another's rows": "EXPLAIN ANALYZE SELECT * FROM @foreign@.items",
    "guess at another's values": "EXPLAIN SELECT * FROM @foreign@.items WHERE amount = 1",
    "size of another's table": "SELECT pg_total_relation_size('@foreign@.items')",
    "names of schemas": "SELECT nspname FROM pg_namespace",
    "names of tables": "SELECT table_name FROM information_schema.tables",
    "names and defaults of columns": "SELECT attname FROM pg_attribute",
    "definitions": "SELECT pg_get_constraintdef(oid) FROM pg_constraint",
    "comments": "SELECT description FROM pg_description",
    "row type of another's table": "SELECT NULL::@foreign@.items",
    "who else is there": "SELECT pid, application_name FROM pg_stat_activity",
    "settings": "SHOW ALL",
}

OF_DDL = {
    "role by RESET": "RESET ROLE",
    "role by SET": "SET LOCAL ROLE twinbase_service",
    "rows of all owners": "SELECT * FROM items",
    "change of all rows": "DELETE FROM parts",
    "rows without their owners": "TRUNCATE items CASCADE",
    "constraint that cannot be evaluated": "ALTER TABLE items ADD CHECK (set_config('a', 'b', true)"
    " IS NULL) NOT VALID",
    "inheritance": "CREATE TABLE heir () INHERITS (items)",
    "unlogged table": "ALTER TABLE lines SET UNLOGGED",
    "message to the workers": "NOTIFY twinbase_databases, '1'",
    "the transaction's end": "COMMIT",  # last, since nothing undoes it
}

NOT_HERE = "the server refuses it, so it belongs to test_server_line"


@pytest.fixture
async def tenants(client: Client) -> TwoTenants:
    return await two_tenants(client)


@pytest.fixture
async def line(database_url: str, tenants: TwoTenants) -> AsyncIterator[ServerLine]:
    async with server_line(database_url, tenants.own, tenants.attacker.uid) as opened:
        yield opened


async def runs_for_dml(line: ServerLine, sql: str) -> bool:
    """Tried, and undone."""
    try:
        async with line.transaction() as driver:
            await driver.fetch(sql)
            await driver.execute("ROLLBACK; DEALLOCATE ALL; UNLISTEN *; RESET ALL; RESET ROLE")
    except asyncpg.PostgresError:
        return False
    return True


async def runs_for_ddl(line: ServerLine, schema: str, sql: str) -> bool:
    """Tried, and undone where that is still possible."""
    await line.driver.execute("BEGIN")
    try:
        async with open_for_ddl(line.driver, Identifier(schema), ["items", "parts", "lines"]):
            await line.driver.fetch(sql)
    except asyncpg.PostgresError:
        return False
    finally:
        await line.driver.execute("ROLLBACK; RESET ROLE")
    return True


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(IDENTITY, id="identity"),
        pytest.param(LEFT_ON_THE_CONNECTION, id="left on the connection"),
        pytest.param(WITHOUT_DATA, id="without data"),
    ],
)
async def test_dml(
    table: dict[str, str], line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    failures = []
    before = await state_of(admin, tenants.own, *tenants.others)
    for attack, text in table.items():
        sql = tenants.fill(text)
        if not await runs_for_dml(line, sql):
            failures.append(f"{attack}: {NOT_HERE}")
        for request in (sql, f"SELECT 1 AS one; {sql}", f"{sql}; SELECT 1 AS one"):
            answer = await tenants.attacker.refused_dml(tenants.attacker_id, request, "prod")
            if answer["code"] not in {25020, 25050} or leaks(answer):
                failures.append(f"{attack}: {answer}")
    assert failures == []
    assert changes(before, await state_of(admin, tenants.own, *tenants.others)) == []


async def test_ddl(line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    failures = []
    before = await state_of(admin, tenants.own, *tenants.others)
    for attack, sql in OF_DDL.items():
        for request in (sql, f"CREATE TABLE stolen (a integer); {sql}"):
            answer = await tenants.attacker.refused_ddl(tenants.attacker_id, request)
            if answer["code"] != 25040 or leaks(answer):
                failures.append(f"{attack}: {answer}")
    assert failures == []
    assert changes(before, await state_of(admin, tenants.own, *tenants.others)) == []
    refused = [
        attack for attack, sql in OF_DDL.items() if not await runs_for_ddl(line, tenants.own, sql)
    ]
    assert refused == [], NOT_HERE
