"""Within one database each caller has his own rows: S2, S3, S7, C12 of FIELD §3."""

from dataclasses import dataclass

import asyncpg
import pytest

from tests.client import Caller, Client

TABLES = """
    CREATE TABLE notes (name text UNIQUE, amount integer);
    CREATE TABLE lines (note_id bigint REFERENCES notes(id), label text)
"""
SPACE = "77"


@dataclass(frozen=True)
class Shared:
    """One database of a space; alice by two applications, bob by one."""

    database_id: int
    alice: Caller
    alice_elsewhere: Caller
    bob: Caller

    @property
    def table(self) -> str:
        return f"test_{self.database_id}.notes"


@pytest.fixture
async def shared(client: Client) -> Shared:
    alice = client.caller("alice", SPACE)
    database_id = await alice.create("shared")
    await alice.ddl(database_id, TABLES)
    made = Shared(
        database_id,
        alice,
        client.caller("alice", SPACE, app_id="app02"),
        client.caller("bob", SPACE),
    )
    for caller, name in (
        (alice, "secret of alice"),
        (made.alice_elsewhere, "secret of alice elsewhere"),
        (client.caller("alice", SPACE, app_id=""), "alice without an application"),
        (made.bob, "bob"),
    ):
        (row,) = await caller.dml(
            database_id, f"INSERT INTO notes (name, amount) VALUES ('{name}', 7)"
        )
        await caller.dml(
            database_id, f"INSERT INTO lines (note_id, label) VALUES ({row['id']}, '{name}')"
        )
    return made


async def test_a_row_is_its_writers(shared: Shared) -> None:
    """By app_id:uid, or by uid alone where no application wrote it."""
    seen = {}
    for name, caller in {
        "alice": shared.alice,
        "alice elsewhere": shared.alice_elsewhere,
        "bob": shared.bob,
    }.items():
        rows = await caller.dml(shared.database_id, "SELECT name, uid FROM notes ORDER BY name")
        seen[name] = [(row["uid"], row["name"]) for row in rows]
    of_both = ("alice", "alice without an application")
    assert seen == {
        "alice": [of_both, ("app01:alice", "secret of alice")],
        "alice elsewhere": [of_both, ("app02:alice", "secret of alice elsewhere")],
        "bob": [("app01:bob", "bob")],
    }


# What bob asks, and the rows that he gets.
SELECTS = {
    "UNION ALL": ("SELECT name FROM notes UNION ALL SELECT name FROM notes", [{"name": "bob"}] * 2),
    "UNION": ("SELECT name FROM notes UNION SELECT label FROM lines", [{"name": "bob"}]),
    "EXCEPT": ("SELECT name FROM notes EXCEPT SELECT 'bob'", []),
    "count": ("SELECT count(*) AS n FROM notes", [{"n": 1}]),
    "subquery": ("SELECT (SELECT count(*) FROM notes) AS n", [{"n": 1}]),
    "derived table": ("SELECT n FROM (SELECT name AS n FROM notes) AS d", [{"n": "bob"}]),
    "CTE": ("WITH d AS (SELECT * FROM notes) SELECT name FROM d", [{"name": "bob"}]),
    "left join stays one": (
        "SELECT n.name, l.label FROM notes n LEFT JOIN lines l ON l.label = 'x'",
        [{"name": "bob", "label": None}],
    ),
    "full join": (
        "SELECT n.name, l.label FROM notes n FULL JOIN lines l ON l.note_id = n.id",
        [{"name": "bob", "label": "bob"}],
    ),
    "self join": ("SELECT count(*) AS n FROM notes a, notes b", [{"n": 1}]),
    "condition that is true": ("SELECT name FROM notes WHERE true OR uid = 'x'", [{"name": "bob"}]),
    "uid of another": ("SELECT name FROM notes WHERE uid LIKE '%alice%'", []),
    "EXISTS": (
        "SELECT EXISTS (SELECT FROM notes WHERE name LIKE 'secret%') AS found",
        [{"found": False}],
    ),
    "error of a cast": ("SELECT name FROM notes WHERE name <> 'bob' AND name::int = 1", []),
    "window": ("SELECT name, count(*) OVER () AS n FROM notes", [{"name": "bob", "n": 1}]),
    "locking": ("SELECT name FROM notes FOR UPDATE", [{"name": "bob"}]),
    "nothing from a table": ("SELECT 1 AS one", [{"one": 1}]),
}


async def test_selects_see_own_rows_only(shared: Shared) -> None:
    """S3: UNION lost the filter. C12: rewriting made joins inner and aliases invisible."""
    failures = {}
    for name, (sql, expected) in SELECTS.items():
        answer = await shared.bob.refused_dml(shared.database_id, sql)
        if answer["code"] != 0 or answer["data"]["exec_success"] != expected:
            failures[name] = answer
    assert failures == {}


# What bob asks; alice's rows stay as they are, and rows that he adds or keeps are his.
THEFTS = {
    "update of the owner": "UPDATE notes SET uid = 'app01:alice'",
    "update of the owner, qualified": "UPDATE notes AS n SET uid = 'alice' WHERE n.name = 'bob'",
    "update of a row of columns": "UPDATE notes SET (uid, amount) = ROW ('app01:alice', 1)",
    "update to the owner of others": "UPDATE notes SET uid = 'app01:bob' WHERE uid <> 'app01:bob'",
    "update of the id": "UPDATE notes SET id = 1",
    "update of all": "UPDATE notes SET amount = 0",
    "update by name": "UPDATE notes SET amount = 0 WHERE name = 'secret of alice' RETURNING *",
    "update from a join": "UPDATE notes SET amount = 0 FROM lines WHERE lines.label LIKE 'secret%'",
    "insert with an owner": "INSERT INTO notes (uid, name) VALUES ('app01:alice', 'stolen 1')",
    "insert with an id": "INSERT INTO notes (id, name) VALUES (1, 'stolen 2')",
    "insert without columns": "INSERT INTO notes VALUES ('stolen 3', 1, 1, 'app01:alice')",
    "insert of a query": "INSERT INTO notes (name, uid) SELECT name || ' 4', 'alice' FROM notes",
    "insert of a query of all columns": (
        "INSERT INTO notes SELECT name || ' 5', 1, id, uid FROM notes"
    ),
    "insert returning": "INSERT INTO notes (name, uid) VALUES ('stolen 6', 'alice') RETURNING uid",
    "conflict and owner": "INSERT INTO notes (name) VALUES ('bob')"
    " ON CONFLICT (name) DO UPDATE SET uid = 'app01:alice', id = 1",
    "conflict and excluded owner": "INSERT INTO notes (name, uid) VALUES ('bob', 'alice')"
    " ON CONFLICT (name) DO UPDATE SET uid = excluded.uid, amount = 2",
    "conflict with another's row": "INSERT INTO notes (name) VALUES ('secret of alice')"
    " ON CONFLICT (name) DO UPDATE SET amount = 0, uid = 'app01:bob'",
    "conflict passed over": (
        "INSERT INTO notes (name) VALUES ('secret of alice') ON CONFLICT DO NOTHING"
    ),
    "conflict": "INSERT INTO notes (name) VALUES ('secret of alice')",
    "write in a CTE": "WITH w AS (UPDATE notes SET uid = 'alice', amount = 3 RETURNING *)"
    " SELECT uid FROM w",
    "insert in a CTE": "WITH w AS (INSERT INTO notes (name, uid) VALUES ('stolen 7', 'alice')"
    " RETURNING *) SELECT uid FROM w",
    "delete of all others": "DELETE FROM notes WHERE name <> 'bob' AND name NOT LIKE 'stolen%'",
    "delete by name": "DELETE FROM notes WHERE name = 'secret of alice' RETURNING *",
    "delete using": "DELETE FROM notes USING lines WHERE lines.label LIKE 'secret%'",
    "reference moved": "UPDATE lines SET note_id = note_id WHERE label LIKE 'secret%'",
}


async def rows_of(admin: asyncpg.Connection, shared: Shared, whose: str) -> list[str]:
    return [
        row[0]
        for row in await admin.fetch(
            f"SELECT n::text FROM {shared.table} AS n WHERE uid {whose} ORDER BY id"
        )
    ]


async def test_rows_cannot_be_stolen_or_planted(shared: Shared, admin: asyncpg.Connection) -> None:
    """S7: UPDATE and ON CONFLICT set uid freely; INSERT took what it was given."""
    failures = []
    alices = await rows_of(admin, shared, "<> 'app01:bob'")
    for theft, sql in THEFTS.items():
        answer = await shared.bob.refused_dml(shared.database_id, sql)
        if answer["code"] not in {0, 25020, 25051} or "elsewhere" in str(answer):
            failures.append(f"{theft}: {answer}")
        if answer["code"] == 0:
            told = answer["data"]["exec_success"]
            if any(row.get("uid", "app01:bob") != "app01:bob" for row in told):
                failures.append(f"{theft}: {told}")
        if await rows_of(admin, shared, "<> 'app01:bob'") != alices:
            failures.append(f"{theft}: alice's rows changed")
    assert failures == []
    ids = await admin.fetch(f"SELECT id FROM {shared.table}")
    assert all(2**31 < row["id"] < 2**53 for row in ids)


async def test_every_form_of_insert_is_stamped(shared: Shared) -> None:
    """C12: INSERT … SELECT and INSERT without columns were rewritten into nonsense."""
    bob, database_id = shared.bob, shared.database_id
    inserts: dict[str, list[str | None]] = {
        "INSERT INTO notes (name) VALUES ('a'), ('b')": ["a", "b"],
        "INSERT INTO notes VALUES ('c', 1)": ["c"],
        "INSERT INTO notes (name) SELECT 'd' || g FROM generate_series(1, 2) AS g": ["d1", "d2"],
        "WITH x AS (SELECT 'e' AS name) INSERT INTO notes (name) SELECT name FROM x": ["e"],
        "INSERT INTO notes DEFAULT VALUES": [None],
    }
    for insert, names in inserts.items():
        ids = await bob.dml(database_id, insert)
        assert [set(row) for row in ids] == [{"id"}] * len(names)
        listed = ", ".join(str(row["id"]) for row in ids)
        rows = await bob.dml(
            database_id, f"SELECT name, uid FROM notes WHERE id IN ({listed}) ORDER BY id"
        )
        assert rows == [{"name": name, "uid": "app01:bob"} for name in names]


async def test_what_keys_tell_within_a_database(shared: Shared) -> None:
    """Inherent: a unique key and a foreign key know all rows of a database, whosever they are.

    They tell that a value is taken, or an id there; never more than the caller himself sent.
    """
    bob, database_id = shared.bob, shared.database_id
    taken = await bob.refused_dml(
        database_id, "INSERT INTO notes (name) VALUES ('secret of alice')"
    )
    assert taken["code"] == 25051
    assert "app01:alice" not in taken["message"]
    (alices, *_) = await shared.alice.dml(
        database_id, "SELECT id FROM notes WHERE name = 'secret of alice'"
    )
    line = f"INSERT INTO lines (note_id, label) VALUES ({alices['id']}, 'of bob')"
    assert (await bob.refused_dml(database_id, line))["code"] == 0
    joined = "SELECT n.name FROM lines l JOIN notes n ON n.id = l.note_id ORDER BY 1"
    assert await bob.dml(database_id, joined) == [{"name": "bob"}]


async def test_a_stranger_reaches_nothing(client: Client, shared: Shared) -> None:
    """S2: exec_dml did not ask whose database it is."""
    for caller in (client.caller("bob"), client.caller("alice", "78"), client.caller("mallory")):
        for sql in ("SELECT * FROM notes", "INSERT INTO notes (name) VALUES ('x')"):
            answer = await caller.refused_dml(shared.database_id, sql)
            assert answer["code"] in {25013, 25015}
        answer = await caller.refused_ddl(shared.database_id, "DROP TABLE lines")
        assert answer["code"] in {25013, 25015}
