"""params of exec_dml: bound, never spliced, in the types that PostgreSQL says."""

import pytest

from tests.client import Caller, Client, Row

TABLES = """
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE TABLE items (name text, amount integer, price numeric(10, 2), day date, at timestamptz,
        spent interval, tag uuid, raw bytea, doc jsonb, labels text[], counts integer[], feels mood,
        active boolean, lasts tstzrange, host inet)
"""


@pytest.fixture
async def caller(client: Client) -> Caller:
    return client.caller()


@pytest.fixture
async def database(caller: Caller) -> int:
    database_id = await caller.create()
    await caller.ddl(database_id, TABLES)
    return database_id


# Column → what is sent, and what comes back.
VALUES: dict[str, tuple[object, object]] = {
    "name": ("'); DROP TABLE items; --", "'); DROP TABLE items; --"),
    "amount": ("20", 20),
    "price": ("12.30", 12.3),
    "day": ("2026-01-31", "2026-01-31"),
    "at": ("2026-01-31T09:30:00+00:00", "2026-01-31 09:30:00+00:00"),
    "spent": ("1 day 2 hours", "1 day 02:00:00"),
    "tag": ("6F9619FF-8B86-D011-B42D-00C04FC964FF", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
    "raw": ("AP+A", "AP+A"),
    "doc": ({"a": [1, None, "x"]}, {"a": [1, None, "x"]}),
    "labels": (["a", 'b "c"', None], ["a", 'b "c"', None]),
    "counts": ([1, "2"], [1, 2]),
    "feels": ("happy", "happy"),
    "active": ("true", True),
    "lasts": ("[2026-01-01 00:00+00,)", '["2026-01-01 00:00:00+00:00",)'),
    "host": ("10.0.0.1/8", "10.0.0.1/8"),
}


async def test_every_type_as_a_list(caller: Caller, database: int) -> None:
    names = ", ".join(VALUES)
    places = ", ".join(f"${number}" for number in range(1, len(VALUES) + 1))
    params = [sent for sent, _ in VALUES.values()]
    sql = f"INSERT INTO items ({names}) VALUES ({places})"
    await caller.exec(database, sql, params=params)
    (row,) = await caller.dml(database, f"SELECT {names} FROM items")
    assert row == {name: back for name, (_, back) in VALUES.items()}


async def test_every_type_as_an_object(caller: Caller, database: int) -> None:
    names = ", ".join(VALUES)
    places = ", ".join(f":{name}" for name in VALUES)
    params = {name: sent for name, (sent, _) in VALUES.items()}
    sql = f"INSERT INTO items ({names}) VALUES ({places}) RETURNING {names}"
    (row,) = await caller.dml(database, sql, params=params)
    assert row == {name: back for name, (_, back) in VALUES.items()}


@pytest.mark.parametrize("name", VALUES)
async def test_null_and_comparing(name: str, caller: Caller, database: int) -> None:
    sent, _ = VALUES[name]
    await caller.exec(
        database, f"INSERT INTO items ({name}) VALUES ($1), ($2)", params=[sent, None]
    )
    (row,) = await caller.dml(
        database,
        f"SELECT count(*) FROM items WHERE {name} = :x OR {name} IS NULL AND :x IS NOT NULL",
        params={"x": sent},
    )
    assert row == {"count": 2}


async def test_what_looks_like_a_placeholder(caller: Caller, database: int) -> None:
    sql = """
        SELECT ':a' AS literal, $$ :a $$ AS dollars, '1'::int AS cast, 'x' ":a", -- :a
            (ARRAY[1, 2, 3])[1:2] AS slice, :a AS real /* :a */, E'\\':a' AS escaped
    """
    (row,) = await caller.dml(database, sql, params={"a": "yes"})
    assert row == {
        "literal": ":a",
        "dollars": " :a ",
        "cast": 1,
        ":a": "x",
        "slice": [1, 2],
        "real": "yes",
        "escaped": "':a",
    }


async def test_several_statements_share_the_values(caller: Caller, database: int) -> None:
    rows = await caller.dml(
        database,
        "SELECT $2 AS b; SELECT $3::int AS c, $1 AS a; SELECT $2 AS b, $2 AS again",
        params=["a", "b", 3],
    )
    assert rows == [{"b": "b"}, {"c": 3, "a": "a"}, {"b": "b", "again": "b"}]


async def test_a_limit_may_be_a_parameter(caller: Caller, database: int) -> None:
    sql = "SELECT n FROM generate_series(1, 500) n(n) LIMIT $1"
    assert len(await caller.dml(database, sql, params=[150])) == 150


REFUSED: list[tuple[str, object, int, str]] = [
    ("SELECT $1::int", ["abc"], 25000, "params: $1 must be an integer"),
    ("SELECT :n::int", {"n": 1.5}, 25000, "params: :n must be an integer"),
    ("SELECT $1, $2", ["a"], 25000, "params: $2 is not given"),
    ("SELECT $1", ["a", "b"], 25000, "2 values are given; the SQL uses 1"),
    ("SELECT $1", None, 25000, "params: $1 is not given"),
    ("SELECT :a", {"b": 1}, 25000, ":a"),
    ("SELECT $1", {"a": 1}, 25000, "params"),
    ("SELECT $1::date", ["the 35th"], 25051, "invalid input syntax for type date"),
    ("SELECT $1::mood", ["angry"], 25051, "invalid input value for enum mood"),
    ("SELECT * FROM items WHERE raw = $1", ["%"], 25000, "bytes in base64"),
    ("SELECT * FROM $1", ["items"], 25030, "syntax error"),
    ("SELECT 1", "text", 25000, "params"),
    ("SELECT 1", 5, 25000, "params"),
]


@pytest.mark.parametrize(("sql", "params", "code", "said"), REFUSED)
async def test_refused(
    sql: str, params: object, code: int, said: str, caller: Caller, database: int
) -> None:
    answer: Row = await caller.refused_dml(database, sql, params=params)
    assert (answer["code"], said in answer["message"]) == (code, True), answer


async def test_errors_tell_the_place_as_it_was_sent(caller: Caller, database: int) -> None:
    sql = "SELECT 1;\n  SELECT :first_value::date, nme\nFROM items WHERE name = :b"
    answer = await caller.refused_dml(database, sql, params={"first_value": "2026-01-31", "b": "x"})
    told = answer["data"]["error"]
    assert (told["sqlstate"], told["statement"]) == ("42703", 2)
    assert sql.splitlines()[told["line"] - 1][told["column"] - 1 :] == "nme"
    assert "name" in told["hint"]


async def test_a_long_text_of_marks_is_one_value(caller: Caller, database: int) -> None:
    text = ',[{"\\' * 20_000
    (row,) = await caller.dml(database, "SELECT length($1) AS n", params=[text])
    assert row == {"n": len(text)}
    (row,) = await caller.dml(database, f"SELECT length($$ {text} $$) AS n")
    assert row == {"n": len(text) + 2}


async def test_many_values_in_one_string(caller: Caller, database: int) -> None:
    numbers = "{" + ",".join(map(str, range(60_000))) + "}"
    sql = "SELECT count(*) AS n FROM unnest($1::integer[])"
    assert await caller.dml(database, sql, params=[numbers]) == [{"n": 60_000}]
