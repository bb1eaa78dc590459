"""What exec_dml answers to each form of statement, and what it stores."""

import asyncio
import re

import asyncpg
import pytest

from tests.client import Caller, Client, Row
from tests.http.verbs import envelope_of

MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")

TABLES = """
CREATE TABLE items (name text UNIQUE, amount integer DEFAULT 1);
CREATE TABLE stamped (note text, create_time timestamp, update_time timestamptz);
"""


@pytest.fixture
async def caller(client: Client) -> Caller:
    return client.caller()


@pytest.fixture
async def database(caller: Caller) -> int:
    database_id = await caller.create()
    await caller.ddl(database_id, TABLES)
    return database_id


async def names(caller: Caller, database_id: int) -> list[str]:
    return [row["name"] for row in await caller.dml(database_id, "SELECT name FROM items")]


# Run one after the other on one table → the rows, where `ID` stands for any id.
ID = object()
FORMS: list[tuple[str, list[Row]]] = [
    ("SELECT name FROM items", []),
    ("INSERT INTO items (name) VALUES ('a')", [{"id": ID}]),
    ("INSERT INTO items (name) VALUES ('b'), ('c'), ('d') -- and no more", [{"id": ID}] * 3),
    ("INSERT INTO items DEFAULT VALUES", [{"id": ID}]),
    ("INSERT INTO items (name) SELECT 'e' || n FROM generate_series(1, 2) n(n)", [{"id": ID}] * 2),
    ("INSERT INTO items (name) SELECT 'none' WHERE false", []),
    ("INSERT INTO items (name) VALUES ('a') ON CONFLICT DO NOTHING", []),
    ("INSERT INTO items (name) VALUES ('a'), ('f') ON CONFLICT DO NOTHING", [{"id": ID}]),
    (
        "INSERT INTO items (name) VALUES ('a') ON CONFLICT (name) DO UPDATE SET amount = 2",
        [{"id": ID}],
    ),
    ("INSERT INTO items AS i (name) VALUES ('g') RETURNING i.name, amount + 1 AS more", [
        {"name": "g", "more": 2}
    ]),
    ("INSERT INTO items (name) VALUES ('h') RETURNING *", [
        {"name": "h", "amount": 1, "id": ID, "uid": "app01:u1"}
    ]),
    ("WITH new (name) AS (VALUES ('i')) INSERT INTO items (name) SELECT name FROM new", [
        {"id": ID}
    ]),
    ("UPDATE items SET amount = 5 WHERE name = 'b'", []),
    ("UPDATE items SET amount = 6 WHERE name = 'none'", []),
    ("UPDATE items SET amount = 6 WHERE name = 'b' RETURNING name, amount", [
        {"name": "b", "amount": 6}
    ]),
    ("SELECT name, amount FROM items WHERE amount > 1 ORDER BY name", [
        {"name": "a", "amount": 2},
        {"name": "b", "amount": 6},
    ]),
    ("WITH gone AS (DELETE FROM items WHERE name = 'i' RETURNING name) SELECT * FROM gone", [
        {"name": "i"}
    ]),
    ("DELETE FROM items WHERE name = 'c'", []),
    ("DELETE FROM items WHERE name = 'd' RETURNING id, name", [{"id": ID, "name": "d"}]),
    ("SELECT", [{}]),
    ("SELECT FROM items WHERE name IN ('a', 'b')", [{}, {}]),
    ("SELECT 1 AS one, 2 AS one, 3 AS two", [{"one": 2, "two": 3}]),
    ("SELECT a.name, b.name FROM items a, items b WHERE a.name = 'a' AND b.name = 'b'", [
        {"name": "b"}
    ]),
    ('SELECT 1 AS "a b", 2 AS "A""B", 3 AS "名"', [{"a b": 1, 'A"B': 2, "名": 3}]),
    ("VALUES (1, 'x'), (2, NULL)", [
        {"column1": 1, "column2": "x"},
        {"column1": 2, "column2": None},
    ]),
    ("TABLE items LIMIT 0", []),
    ("(SELECT 1 AS n) UNION ALL (SELECT 2) ORDER BY n DESC", [{"n": 2}, {"n": 1}]),
    ("SELECT name FROM items WHERE name = 'a' FOR UPDATE", [{"name": "a"}]),
    ("DELETE FROM items", []),
    ("SELECT count(*) FROM items", [{"count": 0}]),
]  # fmt: skip


def like(rows: list[Row], expected: list[Row]) -> bool:
    return len(rows) == len(expected) and all(
        row.keys() == wanted.keys()
        and all(row[name] == value for name, value in wanted.items() if value is not ID)
        and all(2**31 < row[name] < 2**53 for name, value in wanted.items() if value is ID)
        for row, wanted in zip(rows, expected, strict=True)
    )


async def test_forms(caller: Caller, database: int) -> None:
    for dml, expected in FORMS:
        rows = await caller.dml(database, dml)
        assert like(rows, expected), (dml, rows)


async def test_the_data_of_an_answer(caller: Caller, database: int) -> None:
    for dml in ("SELECT 1 AS one", "DELETE FROM items"):
        data = await caller.done("exec_dml", app_id="", database_id=database, dml=dml, env="test")
        assert data.keys() == {"exec_success", "exec_failure", "exec_time", "results"}
        assert isinstance(data["exec_success"], list)
        assert data["exec_failure"] == []
        assert 0 < data["exec_time"] < 5


async def test_statements_share_one_list_and_one_transaction(caller: Caller, database: int) -> None:
    rows = await caller.dml(
        database,
        "INSERT INTO items (name) VALUES ('a'), ('b');\n"
        "UPDATE items SET amount = 7; -- of both; really\n"
        "SELECT name, amount FROM items ORDER BY name;"
        "DELETE FROM items; /* ; */ SELECT count(*) FROM items;",
    )
    both = [{"name": "a", "amount": 7}, {"name": "b", "amount": 7}]
    assert like(rows, [{"id": ID}, {"id": ID}, *both, {"count": 0}])
    moments = "SELECT now() AS t; SELECT count(*) FROM generate_series(1, 100); SELECT now() AS t"
    begun, _, ended = await caller.dml(database, moments)
    assert begun == ended


@pytest.mark.parametrize(
    "third",
    [
        pytest.param("SELECT 1 / 0", id="fails when it runs"),
        pytest.param("INSERT INTO items (name) VALUES ('a')", id="breaks a constraint"),
        pytest.param("SELECT nothing FROM items", id="fails when it is analysed"),
        pytest.param("SELECT * FROM no_such_table", id="names a missing table"),
        pytest.param("SELECT pg_sleep(1)", id="is refused by the gate"),
        pytest.param("SELEC", id="cannot be parsed"),
        pytest.param("SELECT $1", id="needs a parameter"),
    ],
)
async def test_an_error_in_the_third_undoes_the_first_two(
    caller: Caller, database: int, third: str
) -> None:
    await caller.dml(database, "INSERT INTO items (name) VALUES ('before')")
    answer = await caller.refused_dml(
        database,
        f"INSERT INTO items (name) VALUES ('a'); DELETE FROM items WHERE name = 'before'; {third}",
    )
    assert answer["code"] != 0
    assert await names(caller, database) == ["before"]


async def test_an_error_at_commit_undoes_all(caller: Caller, database: int) -> None:
    await caller.ddl(database, "CREATE TABLE late (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    answer = await caller.refused_dml(
        database, "INSERT INTO items (name) VALUES ('a'); INSERT INTO late VALUES (1), (1)"
    )
    assert answer["code"] == 25051
    assert 'violates unique constraint "late_n_key"' in answer["message"]
    assert await names(caller, database) == []


async def test_the_environments_are_apart(caller: Caller, database: int) -> None:
    await caller.dml(database, "INSERT INTO items (name) VALUES ('in test')")
    await caller.dml(database, "INSERT INTO items (name) VALUES ('in prod')", "prod")
    assert await names(caller, database) == ["in test"]
    assert await caller.dml(database, "SELECT name FROM items", "prod") == [{"name": "in prod"}]


async def test_rows_are_stamped_whatever_was_sent(caller: Caller, database: int) -> None:
    ((row_id, uid),) = [
        row.values()
        for row in await caller.dml(
            database, "INSERT INTO items (id, uid, name) VALUES (5, 'bob', 'x') RETURNING id, uid"
        )
    ]
    assert row_id > 2**31
    assert uid == "app01:u1"
    await caller.dml(database, "UPDATE items SET id = 6, uid = 'bob'")
    assert await caller.dml(database, "SELECT id, uid FROM items") == [{"id": row_id, "uid": uid}]


async def test_ids_grow_and_are_given_once(caller: Caller, database: int) -> None:
    many = "INSERT INTO items (amount) SELECT n FROM generate_series(1, 3000) n(n)"
    ids = [row["id"] for row in await caller.dml(database, many)]
    assert len(set(ids)) == 3000
    answers = await asyncio.gather(*(caller.dml(database, many) for _ in range(3)))
    assert len({row["id"] for rows in answers for row in rows} | set(ids)) == 12_000


async def test_times_are_kept_true(caller: Caller, database: int) -> None:
    invented = "'2001-01-01 00:00:00'"
    insert = f"INSERT INTO stamped VALUES ('a', {invented}, {invented}) RETURNING *"
    (row,) = await caller.dml(database, insert)
    assert MOMENT.fullmatch(row["create_time"])
    assert MOMENT.fullmatch(row["update_time"].removesuffix("+00:00"))
    assert min(row["create_time"], row["update_time"]) > "2025"
    created = "SELECT create_time::text AS t, update_time AS u FROM stamped"
    (before,) = await caller.dml(database, created)
    await caller.dml(database, f"UPDATE stamped SET create_time = {invented}, update_time = NULL")
    (after,) = await caller.dml(database, created)
    assert after["t"] == before["t"]
    assert after["u"] >= before["u"]


async def test_who_sees_which_rows(client: Client, database: int) -> None:
    """Rows of a uid, by whichever application of the same name they were written."""
    shared = await client.caller("u1", "77").create("shared")
    await client.caller("u1", "77").ddl(shared, "CREATE TABLE t (name text)")
    writers = {
        "u1 by app01": client.caller("u1", "77", "app01"),
        "u1 by app02": client.caller("u1", "77", "app02"),
        "u1 himself": client.caller("u1", "77", ""),
        "u2 by app01": client.caller("u2", "77", "app01"),
    }
    for name, writer in writers.items():
        await writer.dml(shared, f"INSERT INTO t (name) VALUES ('{name}')")
    seen = {
        name: [row["name"] for row in await writer.dml(shared, "SELECT name FROM t ORDER BY name")]
        for name, writer in writers.items()
    }
    assert seen == {
        "u1 by app01": ["u1 by app01", "u1 himself"],
        "u1 by app02": ["u1 by app02", "u1 himself"],
        "u1 himself": ["u1 himself"],
        "u2 by app01": ["u2 by app01"],
    }


async def test_nothing_is_kept_of_a_transaction(
    client: Client, admin: asyncpg.Connection, database: int
) -> None:
    """Neither after success nor after failure is a connection left inside one."""
    for dml in ("SELECT 1", "SELECT 1 / 0", "SELECT * FROM missing", "SELECT 1 LIMIT ALL"):
        body = {"uid": "u1", "app_id": "a", "database_id": database, "dml": dml, "env": "prod"}
        envelope_of(await client.post("exec_dml", json=body))
    left = await admin.fetchval(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    )
    assert left == 0


async def test_an_insert_into_a_view_without_id(caller: Caller, database: int) -> None:
    await caller.ddl(database, "CREATE VIEW names AS SELECT name FROM items")
    refused = await caller.refused_dml(database, "INSERT INTO names (name) VALUES ('x')")
    assert refused["code"] == 25051
    assert "RETURNING" in refused["message"]
    rows = await caller.dml(database, "INSERT INTO names (name) VALUES ('x') RETURNING name")
    assert rows == [{"name": "x"}]
