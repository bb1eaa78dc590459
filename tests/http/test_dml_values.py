"""Every type that tenants may use, as JSON: exact, and readable by PostgreSQL again."""

import json
from decimal import Decimal
from typing import Any

import pytest

from domain.gate.vocabulary import type_names
from tests.client import Client, Row


async def exact_rows(client: Client, database_id: int, dml: str) -> list[Row]:
    """Rows with numbers as they were written."""
    answer = await client.post(
        "exec_dml",
        json={"uid": "u1", "app_id": "a", "database_id": database_id, "dml": dml, "env": "test"},
    )
    envelope = json.loads(answer.content, parse_float=Decimal, parse_constant=pytest.fail)
    assert envelope["code"] == 0, (dml, envelope)
    return list(envelope["data"]["exec_success"])


# Type and literal → JSON.
VALUES: dict[tuple[str, str], Any] = {
    ("bool", "true"): True,
    ("bool", "f"): False,
    ("int2", "-32768"): -32768,
    ("int4", "2147483647"): 2147483647,
    ("int8", "9223372036854775807"): 9223372036854775807,
    ("int8", "-9223372036854775808"): -9223372036854775808,
    ("numeric", "1.50"): Decimal("1.50"),
    ("numeric", "20"): 20,
    ("numeric", "1e30"): 10**30,
    ("numeric", "0.00000000000000000001"): Decimal("0.00000000000000000001"),
    ("numeric", "-1234567890123456789012345678901234567890.0123456789"): Decimal(
        "-1234567890123456789012345678901234567890.0123456789"
    ),
    ("numeric", "NaN"): "NaN",
    ("numeric", "Infinity"): "Infinity",
    ("numeric", "-Infinity"): "-Infinity",
    ("float4", "1.1"): Decimal("1.1"),
    ("float4", "NaN"): "NaN",
    ("float8", "0.1"): Decimal("0.1"),
    ("float8", "1e300"): Decimal("1e300"),
    ("float8", "Infinity"): "Infinity",
    ("float8", "-Infinity"): "-Infinity",
    ("text", "it''s — 中文 \U0001f600"): "it's — 中文 😀",
    ("text", ""): "",
    ("varchar", "x "): "x ",
    ("bpchar", "abc"): "abc",
    ("name", "n"): "n",
    ("bytea", "\\xdeadbeef00"): "3q2+7wA=",
    ("bytea", ""): "",
    ("bit(9)", "101010101"): "101010101",
    ("varbit", ""): "",
    ("date", "2024-02-29"): "2024-02-29",
    ("date", "0044-03-15 BC"): "0044-03-15 BC",
    ("date", "12024-01-01"): "12024-01-01",
    ("date", "infinity"): "infinity",
    ("date", "-infinity"): "-infinity",
    ("time", "24:00"): "24:00:00",
    ("time", "01:02:03.000001"): "01:02:03.000001",
    ("timetz", "12:13:14.5+05:30"): "12:13:14.5+05:30",
    ("timetz", "12:13:14-15:59:59"): "12:13:14-15:59:59",
    ("timestamp", "2024-01-02 03:04:05"): "2024-01-02 03:04:05",
    ("timestamp", "2024-01-02 03:04:05.999999"): "2024-01-02 03:04:05",
    ("timestamp", "0044-03-15 01:02:03 BC"): "0044-03-15 01:02:03 BC",
    ("timestamp", "12024-01-01 00:00:00"): "12024-01-01 00:00:00",
    ("timestamp", "infinity"): "infinity",
    ("timestamptz", "2024-01-02 03:04:05+08"): "2024-01-01 19:04:05+00:00",
    ("timestamptz", "0044-03-15 01:02:03+00 BC"): "0044-03-15 01:02:03+00:00 BC",
    ("timestamptz", "-infinity"): "-infinity",
    ("interval", "1 year 2 mons 3 days 04:05:06.7"): "1 year 2 mons 3 days 04:05:06.7",
    ("interval", "-1 day +1 sec"): "-1 days +00:00:01",
    ("interval", "0"): "00:00:00",
    ("json", '{"b": 1,  "a": [1, 2.50, null]}'): {"b": 1, "a": [1, Decimal("2.50"), None]},
    ("jsonb", '{"a": 123456789012345678901234567890}'): {"a": 123456789012345678901234567890},
    ("jsonb", '"text"'): "text",
    ("jsonb", "null"): None,
    ("jsonpath", "$.a"): '$."a"',
    ("tsvector", "a b"): "'a' 'b'",
    ("tsquery", "a & b"): "'a' & 'b'",
    ("uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"): "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    ("inet", "10.0.0.1"): "10.0.0.1",
    ("inet", "10.0.0.1/24"): "10.0.0.1/24",
    ("inet", "fe80::1/64"): "fe80::1/64",
    ("cidr", "10.0.0.0/8"): "10.0.0.0/8",
    ("macaddr", "08:00:2b:01:02:03"): "08:00:2b:01:02:03",
    ("macaddr8", "08:00:2b:01:02:03:04:05"): "08:00:2b:01:02:03:04:05",
    ("point", "(1,-2.5)"): "(1,-2.5)",
    ("line", "{1,2,3}"): "{1,2,3}",
    ("lseg", "[(0,0),(1,1)]"): "[(0,0),(1,1)]",
    ("box", "(2,2),(0,0)"): "(2,2),(0,0)",
    ("path", "((0,0),(1,1))"): "((0,0),(1,1))",
    ("path", "[(0,0),(1,1)]"): "[(0,0),(1,1)]",
    ("polygon", "((0,0),(1,1),(1,0))"): "((0,0),(1,1),(1,0))",
    ("circle", "<(0,0),2.5>"): "<(0,0),2.5>",
    ("int4range", "[1,5]"): "[1,6)",
    ("int8range", "(,)"): "(,)",
    ("int4range", "empty"): "empty",
    ("numrange", "(1.50,2]"): "(1.50,2]",
    ("daterange", "[2024-01-01,)"): "[2024-01-01,)",
    ("tsrange", "[2024-01-01,infinity)"): '["2024-01-01 00:00:00",infinity)',
    ("tstzrange", "[2024-01-01 00:00+00,]"): '["2024-01-01 00:00:00+00:00",)',
    ("int4multirange", "{[1,3),[5,7)}"): ["[1,3)", "[5,7)"],
    ("int8multirange", "{}"): [],
    ("nummultirange", "{[1.5,2]}"): ["[1.5,2]"],
    ("datemultirange", "{[2024-01-01,2024-02-01)}"): ["[2024-01-01,2024-02-01)"],
    ("tsmultirange", "{[2024-01-01,2024-02-01)}"): [
        '["2024-01-01 00:00:00","2024-02-01 00:00:00")'
    ],
    ("tstzmultirange", "{}"): [],
    ("int4[]", "{1,NULL,3}"): [1, None, 3],
    ("int4[]", "{}"): [],
    ("int4[]", "[0:1]={1,2}"): [1, 2],
    ("text[]", '{{"a b",c},{"\\"",NULL}}'): [["a b", "c"], ['"', None]],
    ("numeric[]", "{1.50,NaN}"): [Decimal("1.50"), "NaN"],
    ("float4[]", "{1.1}"): [Decimal("1.1")],
    ("bool[]", "{t,f}"): [True, False],
    ("timestamp[]", "{2024-01-02 03:04:05.6}"): ["2024-01-02 03:04:05"],
    ("date[]", "{infinity,0044-03-15 BC}"): ["infinity", "0044-03-15 BC"],
    ("interval[]", "{-1 day}"): ["-1 days"],
    ("jsonb[]", '{"{\\"a\\": 1.0}"}'): [{"a": Decimal("1.0")}],
    ("bytea[]", '{"\\\\xff"}'): ["/w=="],
    ("inet[]", "{10.0.0.1}"): ["10.0.0.1"],
    ("int4range[]", '{"[1,2)"}'): ["[1,2)"],
    ("uuid[]", "{00000000-0000-0000-0000-000000000000}"): ["00000000-0000-0000-0000-000000000000"],
    ("point[]", '{"(1,2)"}'): ["(1,2)"],
    ("varbit[]", "{101}"): ["101"],
}

# Not literals of their own type: arrays and multiranges are lists, these lose something on purpose.
NOT_READ_BACK = {"bytea", "timestamp", "json", "jsonb"}


async def test_values(client: Client) -> None:
    database_id = await client.caller().create()
    wrong = {}
    for (kind, literal), expected in VALUES.items():
        ((value,),) = [
            row.values()
            for row in await exact_rows(
                client, database_id, f"SELECT CAST('{literal}' AS {kind}) AS value"
            )
        ]
        # As text, so that 1.50 is not 1.5 and true is not 1.
        if repr(value) != repr(expected):
            wrong[kind, literal] = value
        if isinstance(value, str | int | Decimal) and kind not in NOT_READ_BACK:
            same = f"CAST('{str(value).replace(chr(39), chr(39) * 2)}' AS {kind})::text"
            dml = f"SELECT {same} = CAST('{literal}' AS {kind})::text AS same"
            if await exact_rows(client, database_id, dml) != [{"same": True}]:
                wrong[kind, literal] = f"not read back: {value}"
    assert wrong == {}


async def test_every_type_of_the_gate_is_in_the_table() -> None:
    told = {kind.partition("(")[0].partition("[")[0] for kind, _ in VALUES}
    # PostgreSQL's own one-byte type comes as base64; money is written as the server's locale says.
    assert type_names() - told == {"char", "money"}


async def test_values_come_out_of_tables_alike(client: Client) -> None:
    caller = client.caller("u1", app_id="a")
    database_id = await caller.create()
    columns = ", ".join(f"c{number} {kind}" for number, (kind, _) in enumerate(VALUES))
    await caller.ddl(database_id, f"CREATE TABLE every_type ({columns})")
    names = ", ".join(f"c{number}" for number in range(len(VALUES)))
    literals = ", ".join(f"'{literal}'" for _, literal in VALUES)
    await caller.dml(database_id, f"INSERT INTO every_type ({names}) VALUES ({literals})")
    await caller.dml(database_id, "INSERT INTO every_type DEFAULT VALUES")
    full, empty = await exact_rows(
        client, database_id, f"SELECT {names} FROM every_type ORDER BY id"
    )
    assert repr(list(full.values())) == repr(list(VALUES.values()))
    assert set(empty.values()) == {None}


async def test_values_inside_rows(client: Client) -> None:
    """Where PostgreSQL sends them in another form than beside each other."""
    database_id = await client.caller().create()
    wrong = {}
    for (kind, literal), expected in VALUES.items():
        dml = f"""
            SELECT ROW(v, 'x') AS row, ARRAY[ROW(v)] AS rows, (SELECT x FROM (SELECT v) AS x) AS one,
                (SELECT array_agg(x) FROM (SELECT v, ROW(v)) AS x) AS all, v AS value
            FROM (SELECT CAST('{literal}' AS {kind}) AS v) AS s"""
        (told,) = await exact_rows(client, database_id, dml)
        rows = {"row": [expected, "x"], "rows": [[expected]], "one": [expected]}
        rows |= {"all": [[expected, [expected]]], "value": expected}
        if repr(told) != repr(rows):
            wrong[kind, literal] = told
    assert wrong == {}


async def test_whole_rows_of_every_type(client: Client) -> None:
    caller = client.caller("u1", app_id="a")
    database_id = await caller.create()
    columns = ", ".join(f"c{number} {kind}" for number, (kind, _) in enumerate(VALUES))
    await caller.ddl(database_id, f"CREATE TABLE every_type ({columns})")
    names = ", ".join(f"c{number}" for number in range(len(VALUES)))
    literals = ", ".join(f"'{literal}'" for _, literal in VALUES)
    await caller.dml(database_id, f"INSERT INTO every_type ({names}) VALUES ({literals})")
    dml = "SELECT t, ROW(t) AS row, ARRAY[t] AS rows FROM every_type AS t"
    (told,) = await exact_rows(client, database_id, dml)
    whole = dict(list(told["t"].items())[: len(VALUES)])
    assert repr(list(whole.values())) == repr(list(VALUES.values()))
    assert repr(told["row"]) == repr([told["t"]])
    assert repr(told["rows"]) == repr([told["t"]])


async def test_own_types_inside_rows(client: Client) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN positive AS integer;"
        "CREATE DOMAIN lengths AS real[]; CREATE TABLE u (name text, feels mood[], l lengths);"
        'CREATE TABLE "UE" (n positive, one u); CREATE VIEW v AS SELECT name, feels FROM u',
    )
    await caller.dml(
        database_id,
        "INSERT INTO u (name, feels, l) VALUES ('a', '{sad,happy}', '{1.1}');"
        'INSERT INTO "UE" (n, one) SELECT 3, u FROM u',
    )
    ((row_id,),) = [row.values() for row in await caller.dml(database_id, "SELECT id FROM u")]
    row = {"name": "a", "feels": ["sad", "happy"], "l": [1.1], "id": row_id, "uid": "app01:u1"}
    told: dict[str, Any] = {
        "SELECT ROW(1::positive) AS v": [1],
        "SELECT ROW('{sad}'::mood[]) AS v": [["sad"]],
        "SELECT ROW('sad'::mood, '{2.5}'::lengths) AS v": ["sad", [2.5]],
        "SELECT ROW(u) AS v FROM u": [row],
        "SELECT ROW(1) AS v; SELECT ROW(u) AS v FROM U": [row],
        "SELECT ROW(array_agg(u)) AS v FROM u": [[row]],
        'SELECT ROW(x.n, x.one) AS v FROM "UE" AS x': [3, row],
        "SELECT v AS v FROM v": {"name": "a", "feels": ["sad", "happy"]},
        "SELECT ARRAY[ROW(v)] AS v FROM v": [[{"name": "a", "feels": ["sad", "happy"]}]],
        "INSERT INTO u (name) VALUES ('b') RETURNING ROW(name, feels) AS v": ["b", None],
    }
    for dml, expected in told.items():
        assert (await caller.dml(database_id, dml))[-1] == {"v": expected}, dml


REFUSED_INSIDE_ROWS = (
    "SELECT ROW('1.5'::money)",
    "SELECT ROW('90071992547409.93'::money)",
    "SELECT ROW('23148850818305384.32'::money)",  # in binary eight spaces: readable as a text
    "SELECT ROW(ARRAY['1.5'::money])",
    "SELECT ARRAY[ROW('1.5'::money)]",
    "SELECT array_agg(x) FROM (SELECT '1.5'::money) AS x",
    """SELECT ROW(g, CASE WHEN g > 5000 THEN '1.5'::money END, repeat('x', 99))
        FROM generate_series(1, 9000) AS g LIMIT ALL""",
    "SELECT prices FROM prices",
    "SELECT ROW(prices) FROM prices",
    "INSERT INTO prices (price) VALUES ('2') RETURNING ROW(price)",
)


async def test_what_cannot_be_read_inside_a_row(client: Client) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE prices (price money)")
    await caller.dml(database_id, "INSERT INTO prices (price) VALUES ('1.5')")
    for dml in REFUSED_INSIDE_ROWS:
        answer = await caller.refused_dml(database_id, f"SELECT 1 AS one; {dml}; SELECT 2 AS two")
        assert answer["code"] == 25051, (dml, answer)
        assert "inside a row: cast it to text" in answer["message"], dml
        good = "SELECT ROW(price::text) AS row, price, ROW('1'::real) AS more FROM prices"
        (told,) = await caller.dml(database_id, good)
        assert (told["row"], told["more"]) == ([told["price"]], [1.0])


async def test_a_real_of_params_beside_a_row(client: Client) -> None:
    caller = client.caller()
    database_id = await caller.create()
    dml = "SELECT $1::real AS value, ROW($1::real) AS row"
    told = [{"value": 1.1, "row": [1.1]}]
    assert await caller.dml(database_id, dml, params=[1.1]) == told
    for statement in (dml, "SELECT $1::real AS value"):
        answer = await caller.refused_dml(database_id, statement, params=[1e300])
        assert (answer["code"], "out of range" in answer["message"]) == (25051, True), statement


EXPRESSIONS: dict[str, Any] = {
    "NULL": None,
    "'unknown'": "unknown",
    "ROW(1, 'a', ROW(2.50, NULL))": [1, "a", [Decimal("2.50"), None]],
    "ARRAY[ROW(1, 2)]": [[1, 2]],
    "(SELECT array_agg(n ORDER BY n) FROM generate_series(1, 3) AS n(n))": [1, 2, 3],
    "to_jsonb(ARRAY[1.50])": [Decimal("1.50")],
    "json_build_object('a', 1, 'b', NULL)": {"a": 1, "b": None},
    "1 = 1": True,
    "1 / 3.0": Decimal("0.33333333333333333333"),
    "current_date - current_date": 0,
    "E'\\u0001\\x7f\"\\\\'": '\x01\x7f"\\',
}


async def test_expressions(client: Client) -> None:
    database_id = await client.caller().create()
    for expression, expected in EXPRESSIONS.items():
        rows = await exact_rows(client, database_id, f"SELECT {expression} AS value")
        assert repr(rows) == repr([{"value": expected}]), expression


async def test_a_row_of_a_table_is_an_object(client: Client) -> None:
    """Also after the table changed: nothing of its former columns is remembered."""
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (name text, price numeric)")
    ((row_id,),) = [
        row.values() for row in await caller.dml(database_id, "INSERT INTO t VALUES ('x', 1.50)")
    ]
    managed = {"id": row_id, "uid": "app01:u1"}
    whole, listed = "SELECT t FROM t", "SELECT array_agg(t) AS t FROM t"
    assert await caller.dml(database_id, whole) == [{"t": {"name": "x", "price": 1.5} | managed}]
    await caller.ddl(database_id, "ALTER TABLE t RENAME COLUMN name TO title")
    assert await caller.dml(database_id, whole) == [{"t": {"title": "x", "price": 1.5} | managed}]
    await caller.ddl(
        database_id,
        "ALTER TABLE t DROP COLUMN price; ALTER TABLE t ALTER COLUMN title TYPE varchar[]"
        " USING ARRAY[title]; ALTER TABLE t ADD COLUMN more int4range",
    )
    told = {"title": ["x"], "more": None} | managed
    assert await caller.dml(database_id, whole) == [{"t": told}]
    assert await caller.dml(database_id, listed) == [{"t": [told]}]
