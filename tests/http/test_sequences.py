"""Sequences that a tenant makes: drawn from by DML and defaults, and by nobody else."""

import json

import asyncpg
import pytest

from tests.client import Caller, Client

DDL = """
    CREATE SEQUENCE orders START WITH 100 INCREMENT BY 10;
    CREATE SEQUENCE "Mixed Case";
    CREATE TABLE t (number bigint DEFAULT nextval('orders'), name text DEFAULT 'no ' || nextval('"Mixed Case"'))
"""


@pytest.fixture
async def caller(client: Client) -> Caller:
    return client.caller()


@pytest.fixture
async def database(caller: Caller) -> int:
    database_id = await caller.create()
    await caller.ddl(database_id, DDL)
    return database_id


async def test_defaults_and_calls(caller: Caller, database: int) -> None:
    rows = await caller.dml(
        database,
        "INSERT INTO t DEFAULT VALUES RETURNING number, name;"
        "INSERT INTO t (name) VALUES (:name) RETURNING number;"
        "SELECT nextval('orders') AS next, currval('ORDERS') AS current;"
        "SELECT setval('orders', 500), nextval('orders'::regclass), /* 中 */ nextval(' \"orders\" ')",
        params={"name": "x"},
    )
    assert rows == [
        {"number": 100, "name": "no 1"},
        {"number": 110},
        {"next": 120, "current": 120},
        {"setval": 500, "nextval": 520},
    ]


async def test_each_schema_has_its_own(caller: Caller, database: int) -> None:
    for env in ("prod", "test", "prod"):
        await caller.dml(database, "SELECT nextval('orders')", env)
    described = await caller.done("get_database", database_id=database)
    last = {
        schema["environment"]: [each["last_value"] for each in schema["sequences"]]
        for schema in described["schemas"]
    }
    assert last == {"prod": [None, 110], "test": [None, 100]}


async def test_rows_that_are_there_get_numbers(caller: Caller, database: int) -> None:
    await caller.ddl(database, "CREATE TABLE u (a text)")
    await caller.dml(database, "INSERT INTO u (a) VALUES ('x'), ('y')")
    await caller.ddl(database, "ALTER TABLE u ADD COLUMN n bigint DEFAULT nextval('orders')")
    rows = await caller.dml(database, "SELECT n FROM u ORDER BY n")
    assert rows == [{"n": 100}, {"n": 110}]


async def test_the_place_of_an_error_is_as_it_was_sent(caller: Caller, database: int) -> None:
    sql = "SELECT nextval('orders'),\n nextval('orders'), nme FROM t"
    told = (await caller.refused_dml(database, sql))["data"]["error"]
    assert sql.splitlines()[told["line"] - 1][told["column"] - 1 :].startswith("nme")


async def test_the_history_tells_what_was_sent(caller: Caller, database: int) -> None:
    (table, *_) = (await caller.done("list_ddl", database_id=database))["statements"]
    assert table["statement"] == DDL.split(";")[2].strip()


async def test_the_description_tells_nothing_of_ours(caller: Caller, database: int) -> None:
    await caller.ddl(database, "CREATE VIEW v AS SELECT nextval('orders') AS n")
    told = json.dumps(await caller.done("get_database", database_id=database))
    assert "twinbase" not in told
    assert "nextval('orders'::regclass)" in told


async def test_errors_tell_nothing_of_ours(caller: Caller, database: int) -> None:
    for sql in ("SELECT setval('orders')", "SELECT nextval('nothing')", "SELECT nextval('t')"):
        answer = await caller.refused_dml(database, sql)
        assert answer["code"] in {25020, 25051}, answer
        assert "twinbase" not in str(answer), answer


async def test_nobody_elses(
    client: Client, caller: Caller, database: int, admin: asyncpg.Connection
) -> None:
    eve = client.caller("eve")
    own = await eve.create()
    await eve.ddl(own, "CREATE SEQUENCE mine")
    refused = (
        f"SELECT nextval('test_{database}.orders')",
        f'SELECT nextval(\'"test_{database}"."orders"\')',
        f"SELECT setval('prod_{own}.mine', 5)",
        "SELECT pg_catalog.nextval('mine')",
        "SELECT twinbase_functions.nextval('mine')",
        "SELECT lastval()",
        "SELECT nextval(16384)",
        "SELECT nextval('16384')",
        "SELECT nextval('mi' || 'ne')",
    )
    for sql in refused:
        answer = await eve.refused_dml(own, sql)
        assert answer["code"] in {25020, 25050}, (sql, answer)
    # Without the gate, the server says the same.
    async with admin.transaction():
        await admin.execute(
            f"SET LOCAL twinbase.schema = 'test_{own}'; SET LOCAL search_path = test_{own};"
            "SET LOCAL ROLE twinbase_dml"
        )
        assert await admin.fetchval("SELECT twinbase_functions.nextval('mine')") == 1
        for function in ("twinbase_functions.nextval", "pg_catalog.nextval", "nextval"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with admin.transaction():
                    await admin.fetchval(f"SELECT {function}('test_{database}.orders')")
    assert not await admin.fetchval(f"SELECT is_called FROM test_{database}.orders")
