"""SQL that is sent again with other literals runs normalised; nobody can tell by its answers."""

import pytest

from tests.client import Caller, Client, Row
from tests.http.test_dml_values import VALUES

_TIMES = 4  # as sent, normalised for the first time, and twice with what is kept of that

_TABLE = """
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN short AS varchar(3) CHECK (VALUE <> 'bad');
CREATE TABLE t (
    number int UNIQUE, small smallint CHECK (small > 0), name varchar(5), fixed char(4),
    minutes interval minute, moods mood[], mood mood, short short, data jsonb, part numeric(4, 1)
);
"""


@pytest.fixture
async def caller(client: Client) -> Caller:
    return client.caller()


async def answers(caller: Caller, database_id: int, dml: str) -> list[Row]:
    """Without what differs from one request to the next."""
    envelopes = [await caller.refused_dml(database_id, dml) for _ in range(_TIMES)]
    for envelope in envelopes:
        del envelope["sid"]
        if envelope["code"] == 0:
            del envelope["data"]["exec_time"]
    return envelopes


async def test_literals_of_every_type_are_read_alike(caller: Caller) -> None:
    database_id = await caller.create()
    columns = ", ".join(f"c{number} {kind}" for number, (kind, _) in enumerate(VALUES))
    await caller.ddl(database_id, f"CREATE TABLE every_type ({columns})")
    different = []
    for number, (_, literal) in enumerate(VALUES):
        for dml in (
            f"INSERT INTO every_type (c{number}) VALUES ('{literal}') RETURNING c{number}",
            f"SELECT count(*) >= {_TIMES} AS found FROM every_type WHERE c{number} = '{literal}'",
            f"UPDATE every_type SET c{number} = 'no such value'",
        ):
            first, *others = await answers(caller, database_id, dml)
            if others != [first] * len(others):
                different.append((dml, first, others))
    assert different == []


@pytest.mark.parametrize(
    "dml",
    [
        "SELECT name FROM t WHERE number = 1",
        "SELECT name FROM t WHERE number = 'one'",
        "SELECT name FROM t WHERE number = '0x1'",
        "SELECT name FROM t WHERE name = 5",
        "SELECT name FROM t WHERE id > 5000000000 AND number < 2147483648 ORDER BY number",
        "UPDATE t SET number = 5000000000",
        "SELECT name FROM t WHERE nmae = 'a'",
        "SELECT name FROM missing WHERE name = 'a'",
        "SELECT name FROM t WHERE number = 1 / 0",
        "SELECT name FROM t WHERE number / 0 = 5 OR number = 1",
        "SELECT name FROM t WHERE number IN (1, '2', 3) ORDER BY number DESC LIMIT 2",
        "SELECT name FROM t WHERE number BETWEEN 2 AND 3 ORDER BY 1",
        "SELECT name FROM t WHERE name LIKE 'b%' OR name ILIKE 'A_'",
        "SELECT name FROM t WHERE fixed = 'ab  ' AND fixed = 'ab'",
        "SELECT number FROM t WHERE mood = 'happy' AND data = '{\"a\": 1}'",
        "SELECT number FROM t WHERE mood > 'angry'",
        "SELECT number FROM t WHERE short = 'abc'",
        "SELECT number FROM t WHERE part = 12.5 OR part = '12.50'",
        "SELECT a.number FROM t a JOIN t b ON a.number = b.number WHERE a.name = 'a1'",
        "UPDATE t SET minutes = '90', part = '99.96', small = 1 WHERE number = 1 RETURNING *",
        "UPDATE t SET moods = '{sad,happy}', mood = 'sad' WHERE number = 2 RETURNING moods, mood",
        "UPDATE t SET moods[1] = 'sad', data['a'] = '5' WHERE number = 2 RETURNING moods, data",
        "UPDATE t SET moods[2] = 'angry' WHERE number = 2",
        "UPDATE t SET name = 'too long' WHERE number = 1",
        "UPDATE t SET short = 'bad' WHERE number = 1",
        "UPDATE t SET short = 'long' WHERE number = 1",
        "UPDATE t SET small = 70000 WHERE number = 1",
        "UPDATE t SET small = 0 WHERE number = 1",
        "UPDATE t SET part = 1000 WHERE number = 1",
        "INSERT INTO t (number) VALUES (1)",
        "INSERT INTO t (number) VALUES (1), ('2'), (NULL)",
        "INSERT INTO t (number) VALUES (1) ON CONFLICT (number) DO UPDATE SET name = 'a8' RETURNING *",
        "DELETE FROM t WHERE number = 99",
    ],
)
async def test_the_answer_is_the_same_each_time(caller: Caller, dml: str) -> None:
    database_id = await caller.create()
    await caller.ddl(database_id, _TABLE)
    for number in (1, 2, 3):
        await caller.dml(
            database_id,
            "INSERT INTO t (number, small, name, fixed, minutes, moods, mood, short, data, part)"
            " VALUES (:n, 5, :name, 'ab', '1 minute', '{happy}', 'happy', 'abc', '{\"a\": 1}', 12.5)",
            params={"n": number, "name": f"{'abc'[number - 1]}{number}"},
        )
    first, *others = await answers(caller, database_id, dml)
    assert others == [first] * len(others)


async def test_literals_say_what_rows_are_answered(caller: Caller) -> None:
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (number int, name text)")
    for number in range(6):
        dml = f"INSERT INTO t (number, name) VALUES ({number}, 'it''s {number}')"
        await caller.dml(database_id, dml)
    for number in range(6):
        rows = await caller.dml(
            database_id, f"SELECT name FROM t WHERE number = {number} AND name LIKE 'it''s _'"
        )
        assert rows == [{"name": f"it's {number}"}]


async def test_two_owners_send_the_same_with_other_literals(client: Client) -> None:
    first, second = client.caller("first"), client.caller("second")
    ids = {caller: await caller.create() for caller in (first, second)}
    for caller, database_id in ids.items():
        await caller.ddl(database_id, "CREATE TABLE t (number int, name text)")
        for number in range(3):
            await caller.dml(
                database_id, f"INSERT INTO t (number, name) VALUES ({number}, '{caller.uid}')"
            )
    for number in range(3):
        for caller, database_id in ids.items():
            assert await caller.dml(database_id, f"SELECT name FROM t WHERE number = {number}") == [
                {"name": caller.uid}
            ]
