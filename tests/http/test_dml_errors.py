"""Errors of exec_dml and exec_ddl: the code, PostgreSQL's words, the place; nothing of ours."""

import asyncio
import gc
import re

import asyncpg
import pytest

from service.settings import Settings
from service.use_cases.statements import DmlRequest
from tests.client import Caller, Client, Row, open_client

# What no message may hold: our schemas, roles, policies, triggers, functions, settings.
OURS = re.compile(r"twinbase|prod_|test_|policy|trigger|stamp|pg_catalog\.set", re.IGNORECASE)

ITEMS = "CREATE TABLE items (name text UNIQUE NOT NULL, price int CHECK (price > 0), kind char(3))"
LINES = """
CREATE TABLE lines (
    item bigint REFERENCES items (id),
    n integer,
    during int4range,
    twice integer GENERATED ALWAYS AS (n * 2) STORED,
    EXCLUDE USING gist (during WITH &&)
)
"""

# SQL → code, and what the message says.
DML_ERRORS: dict[str, tuple[str, int, str]] = {
    "syntax": ("SELECT *\nFORM items", 25030, 'syntax error at or near "FORM" (line 2, column 1)'),
    "syntax of the second": ("SELECT 1;\nSELEC 2", 25030, '"SELEC" (line 2, column 1)'),
    "open quote": ("SELECT 'a", 25030, "unterminated quoted string"),
    "no statement": (" ; -- nothing", 25030, "holds no statement"),
    "only a comment": ("-- nothing", 25030, "holds no statement"),
    "DDL": ("DROP TABLE items", 25050, "send it to exec_ddl"),
    "transaction": ("COMMIT", 25050, "not allowed"),
    "role": ("SET ROLE postgres", 25050, "SET is not allowed"),
    "function": ("SELECT pg_sleep(1)", 25050, "function pg_sleep is not allowed"),
    "unknown function": ("SELECT nope(1)", 25050, "function nope is not allowed"),
    "unknown type": ("SELECT '1'::nope", 25051, 'type "nope" does not exist (statement 1, line 1'),
    "missing table": ("SELECT * FROM itms", 25020, '"itms" does not exist (statement 1, line 1'),
    "missing table, inserted": ("INSERT INTO itms VALUES (1)", 25020, '"itms" does not exist'),
    "catalog": ("SELECT * FROM pg_class", 25020, "pg_class"),
    "table that FROM does not name": (
        "SELECT lines.n FROM items",
        25051,
        "Add the table to FROM, or use the name that FROM gives it.",
    ),
    "another schema": ("SELECT * FROM public.items", 25020, "without a schema"),
    "missing column": (
        "SELECT name,\n  prize FROM items",
        25051,
        'line 2, column 3, SQLSTATE 42703). Perhaps you meant to reference the column "items.price',
    ),
    "column of the second": ("SELECT 1; SELECT x FROM items", 25051, "(statement 2, line 1, col"),
    "letters of three bytes": ("SELECT 中.名 FROM items AS 中", 25051, "line 1, column 8"),
    "ungrouped": ("SELECT name, count(*) FROM items", 25051, "must appear in the GROUP BY clause"),
    "operator": ("SELECT name + 1 FROM items", 25051, "add explicit type casts"),
    "division": ("SELECT 1 / 0", 25051, "division by zero (statement 1, SQLSTATE 22012)"),
    "number": ("INSERT INTO lines (n) VALUES ('x')", 25051, 'type integer: "x" (statement 1, line'),
    "overflow": ("INSERT INTO lines (n) VALUES (9999999999)", 25051, "integer out of range"),
    "moment": ("SELECT '2024-13-01'::date", 25051, "out of range"),
    "JSON": ("SELECT '{'::jsonb", 25051, "The input string ended unexpectedly."),
    "encoding": ("SELECT chr(0)", 25051, "null character not permitted"),
    "too long": ("INSERT INTO items (name, kind) VALUES ('a', 'abcd')", 25051, "character(3)"),
    "unique": (
        "INSERT INTO items (name) VALUES ('taken')",
        25051,
        'duplicate key value violates unique constraint "items_name_key" (statement 1, SQLSTATE 23505).',
    ),
    "not null": (
        "INSERT INTO items (price) VALUES (1)",
        25051,
        'null value in column "name" of relation "items" violates not-null constraint',
    ),
    "check": ("UPDATE items SET price = -1", 25051, 'check constraint "items_price_check"'),
    "foreign key": (
        "INSERT INTO lines (item) VALUES (5)",
        25051,
        '"lines_item_fkey" (statement 1, SQLSTATE 23503). Key is not present in table "items".',
    ),
    "referenced": ("DELETE FROM items", 25051, 'still referenced from table "lines".'),
    "exclusion": (
        "INSERT INTO lines (during) VALUES ('[1,5)'), ('[2,3)')",
        25051,
        'exclusion constraint "lines_during_excl"',
    ),
    "generated": ("INSERT INTO lines (twice) VALUES (5)", 25051, 'into column "twice"'),
    "conflict target": (
        "INSERT INTO items (name) VALUES ('a') ON CONFLICT (price) DO NOTHING",
        25051,
        "no unique or exclusion constraint matching",
    ),
    "parameter": ("SELECT $2", 25000, "params: $2 is not given; there are 0 values"),
    "someone else's row in the way": (
        "INSERT INTO items (name) VALUES ('of u2') ON CONFLICT (name) DO UPDATE SET price = 1",
        25020,
        "a row, a table or a function that is not yours to use",
    ),
}

DDL_ERRORS: dict[str, tuple[str, int, str]] = {
    "syntax": ("CREATE TABEL t (a int)", 25030, '"TABEL" (line 1, column 8)'),
    "DML": ("SELECT 1", 25040, "send it to exec_dml"),
    "not allowed": ("CREATE ROLE r", 25040, "not allowed"),
    "missing table": ("ALTER TABLE nope ADD COLUMN a int", 25020, '"nope" does not exist'),
    "missing table of the second": (
        "CREATE TABLE t (a int); CREATE INDEX ON nope (a)",
        25020,
        '"nope" does not exist (statement 2',
    ),
    "table exists": ("CREATE TABLE items (a int)", 25041, '"items" already exists'),
    "column exists": ("ALTER TABLE items ADD COLUMN kind int", 25041, '"kind" of relation'),
    "needed": (
        "DROP TABLE items",
        25041,
        "constraint lines_item_fkey on table lines depends on table items. Use DROP ... CASCADE",
    ),
    "no cast": ("ALTER TABLE items ALTER name TYPE int", 25041, 'USING name::integer"'),
    "other types": (
        "ALTER TABLE lines ADD FOREIGN KEY (n) REFERENCES items (name)",
        25041,
        "incompatible types: integer and text.",
    ),
    "violated check": ("ALTER TABLE items ADD CHECK (price > 99)", 25041, "violated by some row"),
    "place": ("CREATE TABLE t (\n a int PRIMARY KEY,\n b int PRIMARY KEY)", 25041, "line 3, col"),
}


@pytest.fixture
async def database(client: Client) -> int:
    """With a row of u1, which another refers to, and a row of u2; in space 77, so that both may."""
    caller = client.caller("u1", "77")
    database_id = await caller.create()
    for table in (ITEMS, LINES):
        await caller.ddl(database_id, table)
    await caller.dml(database_id, "INSERT INTO items (name, price) VALUES ('taken', 1)")
    await caller.dml(database_id, "INSERT INTO lines (item) SELECT id FROM items")
    await client.caller("u2", "77").dml(database_id, "INSERT INTO items (name) VALUES ('of u2')")
    return database_id


def wrong_in(answer: Row, code: int, said: str) -> Row | None:
    message = answer["message"]
    fits = answer["code"] == code and said in message and len(message) < 700
    return None if fits and not OURS.search(message) else answer


async def test_errors_of_dml(client: Client, database: int) -> None:
    caller = client.caller("u1", "77")
    wrong = {}
    for case, (dml, code, said) in DML_ERRORS.items():
        if answer := wrong_in(await caller.refused_dml(database, dml), code, said):
            wrong[case] = answer
    assert wrong == {}


async def test_errors_of_ddl(client: Client, database: int) -> None:
    caller = client.caller("u1", "77")
    before = await caller.describe(database)
    wrong = {}
    for case, (ddl, code, said) in DDL_ERRORS.items():
        if answer := wrong_in(await caller.refused_ddl(database, ddl), code, said):
            wrong[case] = answer
    assert wrong == {}
    assert await caller.describe(database) == before


async def test_ddl_shows_no_values_of_rows(client: Client, database: int) -> None:
    """It sees the rows of every owner."""
    caller = client.caller("u2", "77")
    await caller.dml(database, "INSERT INTO items (name, kind) VALUES ('x', 'sec'), ('y', 'sec')")
    owner = client.caller("u1", "77")
    for ddl in (
        "CREATE UNIQUE INDEX ON items (kind)",
        "ALTER TABLE items ADD CHECK (kind <> 'sec' || '')",
        "ALTER TABLE items ADD COLUMN c char(3) REFERENCES items (name) DEFAULT 'sec'",
    ):
        answer = await owner.refused_ddl(database, ddl)
        assert answer["code"] == 25041, answer
        assert "sec" not in answer["message"]


async def test_a_repeated_value_is_cut(client: Client, database: int) -> None:
    caller = client.caller("u1", "77")
    answer = await caller.refused_dml(database, f"SELECT '{'x' * 100_000}'::integer")
    assert answer["code"] == 25051
    assert len(answer["message"]) < 600


async def test_statement_timeout(settings: Settings, client: Client) -> None:
    """Only the statement is in a hurry: what is made before has the time that it takes."""
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (n integer)")
    hasty = settings.model_copy(update={"statement_timeout_ms": 150})
    async with open_client(hasty) as impatient:
        answer = await impatient.caller().refused_dml(
            database_id,
            "INSERT INTO t VALUES (1);"
            " SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b",
        )
    assert answer["code"] == 25031
    assert await caller.dml(database_id, "SELECT n FROM t") == []


@pytest.fixture
def impatient(settings: Settings) -> Settings:
    return settings.model_copy(update={"lock_timeout_ms": 150})


async def lock_table(admin: asyncpg.Connection, environment: str, database_id: int) -> None:
    await admin.execute(f"LOCK TABLE {environment}_{database_id}.t IN ACCESS EXCLUSIVE MODE")


async def test_lock_timeout(impatient: Settings, admin: asyncpg.Connection) -> None:
    async with open_client(impatient) as client:
        caller = client.caller()
        database_id = await caller.create()
        await caller.ddl(database_id, "CREATE TABLE t (n integer)")
        async with admin.transaction():
            await lock_table(admin, "test", database_id)
            answers = [
                await caller.refused_dml(database_id, "INSERT INTO t VALUES (1)"),
                await caller.refused_ddl(database_id, "ALTER TABLE t ADD COLUMN m integer"),
            ]
        assert [answer["code"] for answer in answers] == [25017, 25017]
        assert not any(OURS.search(answer["message"]) for answer in answers)
        tables = await caller.describe(database_id)
        assert [len(tables[name]["t"]["columns"]) for name in ("prod", "test")] == [3, 3]
        await caller.dml(database_id, "INSERT INTO t VALUES (1)")


async def deadlock(first: Caller, second: Caller, database_id: int) -> list[int]:
    """Two requests that take two rows in opposite order, at once."""
    waiting = "(SELECT count(*) FROM generate_series(1, 300000))"
    orders = [(first, "a", "b"), (second, "b", "a")]
    answers = await asyncio.gather(
        *(
            caller.refused_dml(
                database_id,
                f"UPDATE t SET n = n + 1 WHERE name = '{one}';"
                f" SELECT {waiting} AS c;"
                f" UPDATE t SET n = n + 1 WHERE name = '{other}'",
            )
            for caller, one, other in orders
        )
    )
    return [answer["code"] for answer in answers]


async def test_deadlock(client: Client) -> None:
    """One is told that the database is busy, and has changed nothing; the other is done."""
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (name text, n integer DEFAULT 0)")
    await caller.dml(database_id, "INSERT INTO t (name) VALUES ('a'), ('b')")
    codes = await deadlock(caller, caller, database_id)
    rows = await caller.dml(database_id, "SELECT n FROM t")
    assert set(codes) <= {0, 25017}
    assert [row["n"] for row in rows] == [codes.count(0)] * 2


async def test_nothing_of_a_refused_request_waits_for_the_collector(client: Client) -> None:
    """An error holds its request by its frames, and by these itself: it may be megabytes of SQL."""
    alice = client.caller()
    database_id = await alice.create()
    await alice.ddl(database_id, ITEMS)
    await alice.dml(database_id, "INSERT INTO items (name, price) VALUES ('a', 1)")
    refused = [
        "SELECT * FROM itms",
        "SELECT price / (price - 1) FROM items",
        "INSERT INTO items (name, price) VALUES ('a', 'many')",
    ]
    for sql in refused * 2:  # what is kept for later is kept now
        await alice.refused_dml(database_id, sql)
    gc.collect()
    gc.disable()
    try:
        for sql in refused:
            await alice.refused_dml(database_id, sql)
            assert [each for each in gc.get_objects() if type(each) is DmlRequest] == [], sql
    finally:
        gc.enable()
