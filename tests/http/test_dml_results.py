"""results of exec_dml: what each statement did, beside the one list of rows."""

import pytest

from tests.client import Caller, Client

TYPES = {
    "a": ("1", "integer", 1),
    "b": ("2::bigint", "bigint", 2),
    "c": ("1.50", "numeric", 1.5),
    "d": ("'x'::varchar(5)", "character varying", "x"),
    "e": ("'x'", "text", "x"),
    "f": ("true", "boolean", True),
    "g": ("'2026-01-31 09:30'::timestamp", "timestamp without time zone", "2026-01-31 09:30:00"),
    "h": ("ARRAY[1, 2]", "integer[]", [1, 2]),
    "i": ("'{}'::jsonb", "jsonb", {}),
    "j": ("'sad'::mood", "mood", "sad"),
    "k": ("3::positive", "integer", 3),
}


@pytest.fixture
async def caller(client: Client) -> Caller:
    return client.caller()


@pytest.fixture
async def database(caller: Caller) -> int:
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        "CREATE TABLE t (n integer); CREATE TYPE mood AS ENUM ('sad');"
        "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
    )
    return database_id


async def test_kinds_and_counts(caller: Caller, database: int) -> None:
    data = await caller.exec(
        database,
        "INSERT INTO t (n) SELECT * FROM generate_series(1, 5);"
        "UPDATE t SET n = n + 10 WHERE n > 2;"
        "DELETE FROM t WHERE n = 1 RETURNING n;"
        "SELECT n FROM t ORDER BY n;"
        "MERGE INTO t USING (VALUES (2), (99)) AS v (n) ON t.n = v.n"
        " WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (n) VALUES (v.n);"
        "UPDATE t SET n = 0 WHERE false",
    )
    results = data["results"]
    assert [(each["kind"], each["affected_rows"], len(each["rows"])) for each in results] == [
        ("INSERT", 5, 5),
        ("UPDATE", 3, 0),
        ("DELETE", 1, 1),
        ("SELECT", 0, 4),
        ("MERGE", 2, 0),
        ("UPDATE", 0, 0),
    ]
    assert [each["truncated"] for each in results] == [False] * 6
    assert data["exec_success"] == [row for each in results for row in each["rows"]]
    assert results[0]["columns"] == [{"name": "id", "type": "bigint"}]
    assert results[1]["columns"] == []
    assert results[3]["rows"][0] == {"n": 2}


async def test_columns_have_types(caller: Caller, database: int) -> None:
    listed = ", ".join(f"{sql} AS {name}" for name, (sql, _, _) in TYPES.items())
    data = await caller.exec(database, f"SELECT {listed}")
    (result,) = data["results"]
    assert result["columns"] == [
        {"name": name, "type": type_} for name, (_, type_, _) in TYPES.items()
    ]
    assert result["rows"] == [{name: value for name, (_, _, value) in TYPES.items()}]


async def test_columns_without_rows(caller: Caller, database: int) -> None:
    (result,) = (await caller.exec(database, "SELECT n, id FROM t"))["results"]
    assert [column["name"] for column in result["columns"]] == ["n", "id"]
    assert result["rows"] == []


async def test_compact(caller: Caller, database: int) -> None:
    sql = (
        "SELECT n, 'x' AS a, 'y' AS a FROM generate_series(1, 3) AS n; SELECT 1 AS one WHERE false"
    )
    data = await caller.exec(database, sql, compact=True)
    assert data["exec_success"] == []
    first, second = data["results"]
    assert [column["name"] for column in first["columns"]] == ["n", "a", "a"]
    assert first["rows"] == [[1, "x", "y"], [2, "x", "y"], [3, "x", "y"]]
    assert second["rows"] == []


async def test_truncated_is_said_of_the_statement_that_was(caller: Caller, database: int) -> None:
    data = await caller.exec(
        database, "SELECT 1 AS n; SELECT n FROM generate_series(1, 101) AS n; SELECT 2 AS n"
    )
    assert [each["truncated"] for each in data["results"]] == [False, True, False]
    assert [len(each["rows"]) for each in data["results"]] == [1, 100, 1]
    assert data["truncated"] is True


async def test_rows_are_capped_for_the_request(client: Client, database: int) -> None:
    """Not for each of its statements: a thousand of them would be a thousand times as many."""
    caller = client.caller()
    sql = "SELECT n FROM generate_series(1, 6000) AS n LIMIT 6000;" * 3
    results = (await caller.exec(database, sql, compact=True))["results"]
    assert [len(each["rows"]) for each in results] == [6_000, 4_000, 0]
    assert [each["truncated"] for each in results] == [False, True, True]


async def test_read_only(caller: Caller, database: int) -> None:
    await caller.dml(database, "INSERT INTO t (n) VALUES (1)")
    assert await caller.dml(database, "SELECT n FROM t", read_only=True) == [{"n": 1}]
    for sql in (
        "INSERT INTO t (n) VALUES (2)",
        "UPDATE t SET n = 2",
        "DELETE FROM t",
        "WITH gone AS (DELETE FROM t RETURNING n) SELECT * FROM gone",
        "SELECT n FROM t; DELETE FROM t",
        "SELECT n FROM t FOR UPDATE",
    ):
        answer = await caller.refused_dml(database, sql, read_only=True)
        assert answer["code"] == 25050, (sql, answer)
        assert "read_only" in answer["message"]
    assert await caller.dml(database, "SELECT n FROM t") == [{"n": 1}]
