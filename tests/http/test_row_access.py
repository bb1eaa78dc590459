"""Row access: own rows, all rows of the space, or all rows and no writing."""

import asyncpg
import pytest

from tests.client import Caller, Client

SPACE = "77"


@pytest.fixture
async def people(client: Client) -> tuple[Caller, Caller, int]:
    """Ann made the database in a space; she and Bob each have a row."""
    ann, bob = client.caller("ann", SPACE), client.caller("bob", SPACE)
    database_id = await ann.create("shared")
    await ann.ddl(database_id, "CREATE TABLE t (name text)")
    await ann.dml(database_id, "INSERT INTO t (name) VALUES ('of ann')")
    await bob.dml(database_id, "INSERT INTO t (name) VALUES ('of bob')")
    return ann, bob, database_id


async def names(caller: Caller, database_id: int) -> list[str]:
    rows = await caller.dml(database_id, "SELECT name FROM t ORDER BY name")
    return [row["name"] for row in rows]


async def test_own(people: tuple[Caller, Caller, int]) -> None:
    ann, bob, database_id = people
    assert await names(ann, database_id) == ["of ann"]
    assert await names(bob, database_id) == ["of bob"]


async def test_space(client: Client, people: tuple[Caller, Caller, int]) -> None:
    ann, bob, database_id = people
    await ann.done("set_row_access", database_id=database_id, row_access="space")
    assert await names(bob, database_id) == ["of ann", "of bob"]
    await bob.dml(database_id, "UPDATE t SET name = name || '!'; DELETE FROM t WHERE name = 'x'")
    await bob.dml(database_id, "INSERT INTO t (name, uid) VALUES ('new', 'ann')")
    rows = await ann.dml(database_id, "SELECT name, uid FROM t ORDER BY name")
    assert [(row["name"], row["uid"]) for row in rows] == [
        ("new", "app01:bob"),
        ("of ann!", "app01:ann"),
        ("of bob!", "app01:bob"),
    ]
    # Who does not name the space, acts for himself.
    assert await names(client.caller("ann"), database_id) == ["of ann!"]


async def test_read_only(people: tuple[Caller, Caller, int]) -> None:
    ann, bob, database_id = people
    await bob.done("set_row_access", database_id=database_id, row_access="read_only")
    for caller in (ann, bob):
        assert await names(caller, database_id) == ["of ann", "of bob"]
        for sql in (
            "INSERT INTO t (name) VALUES ('x')",
            "UPDATE t SET name = 'x'",
            "DELETE FROM t",
            "WITH gone AS (DELETE FROM t RETURNING name) SELECT * FROM gone",
            "SELECT 1; DELETE FROM t",
        ):
            assert (await caller.refused_dml(database_id, sql))["code"] == 25020, sql
    await ann.ddl(database_id, "ALTER TABLE t ADD COLUMN price numeric")
    await ann.done("set_row_access", database_id=database_id, row_access="own")
    assert await names(ann, database_id) == ["of ann"]


async def test_tables_made_in_every_mode_serve_all_of_them(
    people: tuple[Caller, Caller, int],
) -> None:
    ann, bob, database_id = people
    for mode, seen in (("space", 2), ("read_only", 2), ("own", 1)):
        await ann.done("set_row_access", database_id=database_id, row_access="own")
        await ann.ddl(database_id, f"CREATE TABLE t_{mode} (name text)")
        for caller in (ann, bob):
            await caller.dml(database_id, f"INSERT INTO t_{mode} (name) VALUES ('x')")
        await ann.done("set_row_access", database_id=database_id, row_access=mode)
        rows = await bob.dml(database_id, f"SELECT * FROM t_{mode}")
        assert len(rows) == seen, mode


async def test_a_copy_keeps_the_mode(client: Client, people: tuple[Caller, Caller, int]) -> None:
    ann, bob, database_id = people
    await ann.done("set_row_access", database_id=database_id, row_access="space")
    copy = await ann.done("clone_database", database_id=database_id, new_database_name="copy")
    assert await names(bob, copy["database_id"]) == ["of ann", "of bob"]


async def test_set_when_it_is_created(client: Client) -> None:
    ann = client.caller("ann", SPACE)
    data = await ann.done("create_database", database_name="all", row_access="space")
    described = await ann.done("get_database", database_id=data["database_id"])
    assert described["row_access"] == "space"


async def test_refused(client: Client, people: tuple[Caller, Caller, int]) -> None:
    ann, _, database_id = people
    own = await client.caller("ann").create("own")
    refusals: list[tuple[Caller, dict[str, object], int]] = [
        (client.caller("ann"), {"database_id": own, "row_access": "space"}, 25000),
        (ann, {"database_id": database_id, "row_access": "everyone"}, 25000),
        (ann, {"database_id": database_id}, 25000),
        (client.caller("eve"), {"database_id": database_id, "row_access": "own"}, 25013),
        (client.caller("eve", "78"), {"database_id": database_id, "row_access": "own"}, 25015),
    ]
    for caller, body, code in refusals:
        answer = await caller.call("set_row_access", **body)
        assert answer["code"] == code, answer
    answer = await client.caller("ann").call(
        "create_database", database_name="x", row_access="space"
    )
    assert answer["code"] == 25000


async def test_the_server_enforces_it(
    admin: asyncpg.Connection, people: tuple[Caller, Caller, int]
) -> None:
    """The roles alone, without the gate: a reader writes nothing, and nobody leaves the schema."""
    _, _, database_id = people
    own, other = f"test_{database_id}", f"prod_{database_id}"
    async with admin.transaction():
        await admin.execute(f"SET LOCAL twinbase.schema = '{own}'; SET LOCAL ROLE twinbase_reader")
        assert await admin.fetchval(f"SELECT count(*) FROM {own}.t") == 2
        assert await admin.fetchval(f"SELECT count(*) FROM {other}.t") == 0
    for sql in (f"DELETE FROM {own}.t", f"INSERT INTO {own}.t (name) VALUES ('x')"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await admin.execute(
                f"BEGIN; SET LOCAL twinbase.schema = '{own}'; SET LOCAL ROLE twinbase_reader; {sql}"
            )
        await admin.execute("ROLLBACK")
    async with admin.transaction():
        await admin.execute(f"SET LOCAL twinbase.schema = '{other}'; SET LOCAL ROLE twinbase_space")
        assert await admin.execute(f"UPDATE {own}.t SET name = 'stolen'") == "UPDATE 0"
        assert await admin.execute(f"DELETE FROM {own}.t") == "DELETE 0"
    assert await admin.fetchval(f"SELECT count(*) FROM {own}.t WHERE name LIKE 'of %'") == 2
