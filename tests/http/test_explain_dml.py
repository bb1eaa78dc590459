"""explain_dml: PostgreSQL's plan of the caller's own statement, which is not run."""

import json
from typing import Any

import pytest

from tests.client import Caller, Client


@pytest.fixture
async def caller(client: Client) -> Caller:
    return client.caller()


@pytest.fixture
async def database(caller: Caller) -> int:
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE items (name text, price integer)")
    await caller.dml(
        database_id, "INSERT INTO items SELECT 'n' || n, n FROM generate_series(1, 500) AS n"
    )
    return database_id


async def plans(caller: Caller, database: int, dml: str, **more: object) -> list[Any]:
    data = await caller.done(
        "explain_dml", app_id="app01", database_id=database, env="test", dml=dml, **more
    )
    return list(data["plans"])


async def test_the_plan(caller: Caller, database: int) -> None:
    (((plan,)),) = [await plans(caller, database, "SELECT name FROM items WHERE price > 7")]
    told = json.dumps(plan)
    assert '"Relation Name": "items"' in told
    assert "(price > 7)" in told
    assert plan[0]["Plan"]["Plan Rows"] >= 1


STATEMENTS = {
    "select": "SELECT * FROM items WHERE name = 'a' AND price > 3 ORDER BY price",
    "join": "SELECT * FROM items AS a JOIN items AS b USING (name) WHERE a.price > b.price",
    "by id": "SELECT * FROM items WHERE id = 5",
    "aggregate": "SELECT count(*) FROM items GROUP BY name HAVING count(*) > 1",
    "insert": "INSERT INTO items (name) VALUES ('x')",
    "update": "UPDATE items SET price = 1 WHERE name = 'a'",
    "delete": "DELETE FROM items WHERE price = 5",
    "merge": ("MERGE INTO items USING (VALUES (1)) AS v (n) ON price = n WHEN MATCHED THEN DELETE"),
    "CTE": "WITH gone AS (DELETE FROM items RETURNING *) SELECT * FROM gone",
}


@pytest.mark.parametrize("name", STATEMENTS)
async def test_nothing_of_ours_is_told_and_nothing_is_run(
    name: str, caller: Caller, database: int
) -> None:
    told = json.dumps(await plans(caller, database, STATEMENTS[name]))
    for ours in ("twinbase", "current_setting", "test_", "prod_", str(database), "app01"):
        assert ours not in told, told
    assert await caller.dml(database, "SELECT count(*) FROM items") == [{"count": 500}]


async def test_with_parameters_and_several_statements(caller: Caller, database: int) -> None:
    found = await plans(
        caller,
        database,
        "SELECT * FROM items WHERE price > :least; UPDATE items SET name = :name",
        params={"least": "3", "name": "x"},
    )
    assert len(found) == 2
    assert found[1][0]["Plan"]["Operation"] == "Update"


async def test_refused(caller: Caller, client: Client, database: int) -> None:
    body = {"app_id": "app01", "database_id": database, "env": "test"}
    for dml, code in {
        "EXPLAIN SELECT 1": 25050,
        "SELECT * FROM pg_class": 25020,
        "SELECT nope FROM items": 25051,
        "DROP TABLE items": 25050,
        "SELEC": 25030,
    }.items():
        assert (await caller.call("explain_dml", dml=dml, **body))["code"] == code, dml
    strangers = await client.caller("eve").call("explain_dml", dml="SELECT 1", **body)
    assert strangers["code"] == 25013


async def test_the_place_of_an_error_is_as_it_was_sent(caller: Caller, database: int) -> None:
    body = {"app_id": "app01", "database_id": database, "env": "test"}
    answer = await caller.call("explain_dml", dml="SELECT 1;\nSELECT nme FROM items", **body)
    told = answer["data"]["error"]
    assert (told["statement"], told["line"], told["column"]) == (2, 2, 8)
