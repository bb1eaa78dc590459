"""The requests of the workflow node, as they are formed there, and what it reads."""

import re
from collections.abc import Callable

import pytest

from tests.client import Client, Row
from tests.http.field import Console, RefusedError, WorkflowNode

MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@pytest.fixture(params=[None, 77, "77"], ids=["no space", "space 77", "space '77'"])
async def node(client: Client, request: pytest.FixtureRequest) -> WorkflowNode:
    console = Console(client, "u1001", request.param and int(request.param))
    database_id = await console.create("orders")
    await console.ddl(
        database_id,
        'CREATE TABLE "orders" ("id" BIGSERIAL PRIMARY KEY, "uid" VARCHAR(64) NOT NULL,'
        ' "create_time" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, "name" VARCHAR,'
        ' "qty" BIGINT, "price" DECIMAL, "paid" boolean, "due" TIMESTAMP)',
    )
    return WorkflowNode(client, database_id, "u1001", request.param)


PENS = "INSERT INTO orders (name, qty, price, paid) VALUES ('pen', 20, 1.5, True);"
INK = "INSERT INTO orders (name, qty, price, paid, due) VALUES ('ink', '7', '0.0', 'false', '{}');"
NOTHING = "INSERT INTO orders (name, qty) VALUES ('', 0);"

# WHERE clauses as the node builds them → the rows of the three above that they hold for.
CONDITIONS = {
    "name = 'pen'": {"pen"},
    "name != 'pen'": {"ink", ""},
    "name LIKE '%e%'": {"pen"},
    "name NOT LIKE '%e%'": {"ink", ""},
    "qty >= '7' AND qty < '21'": {"pen", "ink"},
    "qty = '20' OR paid = 'false'": {"pen", "ink"},
    "paid = 'True'": {"pen"},
    "price > '0.5'": {"pen"},
    "(name IS NULL OR name = '')": {""},
    "(name IS NOT NULL AND name != '')": {"pen", "ink"},
    "(qty IS NULL OR qty = 0)": {""},
    "(price IS NULL OR price = 0.0)": {"ink", ""},
    "(paid IS NOT NULL AND paid != FALSE)": {"pen"},
    "due IS NOT NULL": {"ink"},
    "due > '2025-01-01 00:00:00'": {"ink"},
    "qty IN (7, 20)": {"pen", "ink"},
    "name NOT IN ('pen', 'ink')": {""},
}


async def insert(node: WorkflowNode, dml: str) -> Row:
    """It reads the whole row again, by the id that it got."""
    (inserted,) = await node.run(dml)
    (row,) = await node.run(f"SELECT * FROM orders WHERE id = {inserted.get('id', '')};")
    return row


async def test_the_workflow_node(node: WorkflowNode) -> None:
    pen = await insert(node, PENS)
    assert (pen["name"], pen["qty"], pen["price"], pen["paid"]) == ("pen", 20, 1.5, True)
    assert pen["uid"] == "680ab54f:u1001"
    assert MOMENT.fullmatch(pen["create_time"])
    ink = await insert(node, INK.format("2025-06-01 10:00:00"))
    assert (ink["qty"], ink["paid"], ink["due"]) == (7, False, "2025-06-01 10:00:00")
    await insert(node, NOTHING)
    for where, expected in CONDITIONS.items():
        rows = await node.run(f"SELECT name, qty FROM orders WHERE {where};")
        assert {row["name"] for row in rows} == expected, where

    ordered = "SELECT name FROM orders WHERE qty >= '0' ORDER BY qty DESC, name ASC LIMIT {};"
    assert await node.run(ordered.format(2)) == [{"name": "pen"}, {"name": "ink"}]
    assert await node.run(ordered.format(0)) == []

    update = "UPDATE orders SET name = 'quill', qty = 21, paid = False WHERE qty >= '20';"
    assert await node.run(update) == []
    again = f"SELECT * FROM orders {update[update.find('WHERE') :]}"
    assert await node.run(again) == [pen | {"name": "quill", "qty": 21, "paid": False}]
    assert await node.run("DELETE FROM orders WHERE name = 'quill' OR paid = 'true';") == []
    assert {row["name"] for row in await node.run("SELECT * FROM orders LIMIT 100;")} == {"ink", ""}


CUSTOM: dict[str, Callable[[list[Row]], bool]] = {
    "SELECT count(*) AS n, sum(qty) AS total FROM orders": lambda rows: (
        rows == [{"n": 1, "total": 20}]
    ),
    "select name, case when paid then 'yes' else 'no' end as paid from orders;": lambda rows: (
        rows == [{"name": "pen", "paid": "yes"}]
    ),
    "UPDATE orders SET qty = qty - 1 WHERE name = 'pen' RETURNING qty;": lambda rows: (
        rows == [{"qty": 19}]
    ),
    "INSERT INTO orders (name) VALUES ('a'), ('b'); SELECT name FROM orders WHERE qty IS NULL;": (
        lambda rows: [row.get("name") for row in rows] == [None, None, "a", "b"]
    ),
    "DELETE FROM orders": lambda rows: rows == [],
}


async def test_custom_sql_of_the_workflow_node(node: WorkflowNode) -> None:
    await node.run(PENS)
    for dml, fits in CUSTOM.items():
        rows = await node.run(dml)
        assert fits(rows), (dml, rows)


async def test_what_the_workflow_node_is_told_of_failures(node: WorkflowNode) -> None:
    for dml, said in {
        "SELECT * FROM Orders_2 LIMIT 1;": 'relation "orders_2" does not exist',
        "SELECT * FROM orders WHERE qty LIKE '%2%';": "operator does not exist",
        "SELECT * FROM orders WHERE name IN '(1,2)';": "syntax error",
        "INSERT INTO orders (name) VALUES (None);": 'column "none" does not exist',
        "DROP TABLE orders;": "exec_ddl",
    }.items():
        with pytest.raises(RefusedError, match=said):
            await node.run(dml)
