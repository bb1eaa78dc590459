"""A view shows each caller what he reaches in the tables behind it, whoever made it."""

import asyncpg
import pytest

from domain.gate import DdlKind
from tests.catalog import until_waiting
from tests.client import Caller, Client
from tests.direct_ddl import DirectDdl
from tests.state import departed

pytestmark = pytest.mark.usefixtures("nothing_by_itself")

SPACE = "7"
VIEWS = """
    CREATE TABLE items (name text, price integer);
    CREATE VIEW dear AS SELECT id, name, price FROM items WHERE price > 10;
    CREATE VIEW names AS SELECT name FROM dear;
    CREATE VIEW summed AS SELECT count(*) AS number, sum(price) AS price FROM items;
    CREATE VIEW checked WITH (security_barrier) AS
        SELECT * FROM items WHERE price > 10 WITH CASCADED CHECK OPTION
"""


@pytest.fixture
def owner(client: Client) -> Caller:
    return client.caller("u1", SPACE)


@pytest.fixture
def member(client: Client) -> Caller:
    return client.caller("u2", SPACE)


@pytest.fixture
async def database(owner: Caller, member: Caller) -> int:
    """Each caller has a cheap item and a dear one."""
    database_id = await owner.create()
    await owner.ddl(database_id, VIEWS)
    for caller in (owner, member):
        await caller.dml(
            database_id,
            f"INSERT INTO items (name, price) VALUES ('cheap of {caller.uid}', 1),"
            f" ('dear of {caller.uid}', 20)",
        )
    return database_id


@pytest.mark.parametrize("row_access", ["own", "space", "read_only"])
async def test_a_view_shows_what_the_caller_reaches(
    owner: Caller, member: Caller, database: int, admin: asyncpg.Connection, row_access: str
) -> None:
    await owner.done("set_row_access", database_id=database, row_access=row_access)
    both = ["dear of u1", "dear of u2"]
    for caller in (owner, member):
        reached = [f"dear of {caller.uid}"] if row_access == "own" else both
        for view in ("dear", "names", "checked"):
            rows = await caller.dml(database, f"SELECT name FROM {view} ORDER BY name")
            assert [row["name"] for row in rows] == reached, view
        (summed,) = await caller.dml(database, "SELECT number, price FROM summed")
        assert summed == {"number": 2 * len(reached), "price": 21 * len(reached)}
    assert await owner.dml(database, "SELECT * FROM dear", "prod") == []
    assert await departed(admin, database) == []


@pytest.mark.parametrize("row_access", ["own", "space", "read_only"])
async def test_a_view_changes_what_the_caller_reaches(
    owner: Caller, member: Caller, database: int, row_access: str
) -> None:
    await owner.done("set_row_access", database_id=database, row_access=row_access)
    if row_access == "read_only":
        refused = await member.refused_dml(database, "UPDATE dear SET price = 30")
        assert refused["code"] == 25020
        return
    changed = await member.dml(database, "UPDATE dear SET price = price + 1 RETURNING name")
    reached = {"dear of u2"} if row_access == "own" else {"dear of u1", "dear of u2"}
    assert {row["name"] for row in changed} == reached
    (new,) = await member.dml(database, "INSERT INTO dear (name, price) VALUES ('new', 40)")
    (row,) = await member.dml(database, f"SELECT uid, name FROM items WHERE id = {new['id']}")
    assert row == {"uid": "app01:u2", "name": "new"}
    gone = await member.dml(database, "DELETE FROM dear RETURNING name")
    assert {row["name"] for row in gone} == reached | {"new"}


async def test_the_server_keeps_readers_from_writing(
    database: int, admin: asyncpg.Connection
) -> None:
    """Behind the answer of the service, which comes first."""
    async with admin.transaction():
        await admin.execute(f"SET LOCAL search_path TO test_{database}")
        await admin.execute(f"SET LOCAL twinbase.schema TO test_{database}")
        await admin.execute("SET LOCAL ROLE twinbase_reader")
        assert await admin.fetchval("SELECT count(*) FROM dear") == 2
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await admin.execute("UPDATE dear SET price = 0")


async def test_what_a_view_does_not_show_it_does_not_take(owner: Caller, database: int) -> None:
    refused = await owner.refused_dml(
        database, "INSERT INTO checked (name, price) VALUES ('cheap', 1)"
    )
    assert refused["code"] == 25051
    assert 'new row violates check option for view "checked"' in refused["message"]
    refused = await owner.refused_dml(database, "DELETE FROM summed")
    assert refused["code"] == 25051
    assert 'cannot delete from view "summed"' in refused["message"]


# However a view is made or changed, it ends with the rights of its caller.
STATEMENTS: dict[str, tuple[DdlKind, str]] = {
    "without a word": (DdlKind.CREATE_VIEW, "CREATE VIEW new AS SELECT * FROM items"),
    "with its owner's rights": (
        DdlKind.CREATE_VIEW,
        "CREATE VIEW new WITH (security_invoker = false) AS SELECT * FROM items",
    ),
    "replaced": (
        DdlKind.CREATE_VIEW,
        "CREATE OR REPLACE VIEW dear WITH (security_invoker = off) AS SELECT id, name, price FROM items",
    ),
    "set": (DdlKind.ALTER_TABLE, "ALTER VIEW dear SET (security_invoker = false)"),
    "set as a table": (DdlKind.ALTER_TABLE, "ALTER TABLE dear SET (security_invoker = no)"),
    "reset": (DdlKind.ALTER_TABLE, "ALTER VIEW dear RESET (security_invoker)"),
    "renamed": (DdlKind.RENAME, "ALTER VIEW dear RENAME TO renamed"),
}


@pytest.mark.parametrize("case", STATEMENTS)
async def test_a_view_has_the_rights_of_its_caller(
    direct: DirectDdl, member: Caller, database: int, admin: asyncpg.Connection, case: str
) -> None:
    kind, text = STATEMENTS[case]
    await direct.run(f"test_{database}", kind, text, "items", "dear", "new", "renamed")
    assert await departed(admin, database) == []
    views = await admin.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = $1::text::regnamespace",
        f"test_{database}",
    )
    for view in {row[0] for row in views} - {"summed"}:
        rows = await member.dml(database, f"SELECT name FROM {view}")
        assert "dear of u2" in str(rows)
        assert "u1" not in str(rows), view


async def test_a_table_made_of_views(owner: Caller, database: int) -> None:
    """Who may change the structure reaches all rows, through views as without them."""
    await owner.ddl(
        database,
        "CREATE TABLE copied AS SELECT * FROM names; CREATE TABLE alike (LIKE dear);"
        "CREATE VIEW more AS SELECT name FROM names; CREATE TABLE again AS SELECT * FROM more",
    )
    tables = await owner.describe(database)
    assert [column["name"] for column in tables["test"]["alike"]["columns"]] == [
        "id",
        "name",
        "price",
        "uid",
    ]
    await owner.done("set_row_access", database_id=database, row_access="space")
    for table in ("copied", "again"):
        rows = await owner.dml(database, f"SELECT name FROM {table} ORDER BY name")
        assert [row["name"] for row in rows] == ["dear of u1", "dear of u2"]


async def test_a_view_of_managed_columns_that_are_only_just_there(
    owner: Caller, client: Client, admin: asyncpg.Connection
) -> None:
    database_id = await owner.create("managed")
    await owner.ddl(
        database_id,
        "CREATE TABLE people (id integer, name text);"
        "CREATE TABLE pets (uid varchar(9), number serial, person_id integer REFERENCES people);"
        "CREATE VIEW all_of_it AS SELECT p.id, p.uid, name, pets.uid AS of, number, person_id"
        " FROM people AS p JOIN pets ON person_id = p.id",
    )
    assert await departed(admin, database_id) == []
    (person,) = await owner.dml(database_id, "INSERT INTO people (name) VALUES ('p')")
    await owner.dml(database_id, f"INSERT INTO pets (person_id) VALUES ({person['id']})")
    (row,) = await owner.dml(database_id, "SELECT * FROM all_of_it")
    assert row == {
        "id": person["id"],
        "uid": "app01:u1",
        "name": "p",
        "of": "app01:u1",
        "number": 1,
        "person_id": person["id"],
    }


async def test_a_reference_that_a_view_keeps_narrow(owner: Caller) -> None:
    database_id = await owner.create("narrow")
    await owner.ddl(
        database_id,
        "CREATE TABLE people (name text); CREATE TABLE pets (person_id integer);"
        "CREATE VIEW seen AS SELECT person_id FROM pets",
    )
    answer = await owner.refused_ddl(
        database_id, "ALTER TABLE pets ADD FOREIGN KEY (person_id) REFERENCES people (id)"
    )
    assert answer["code"] == 25040
    assert 'Column "person_id" of table "pets"' in answer["message"]


async def test_making_a_view_waits_for_nobody(
    owner: Caller, database: int, admin: asyncpg.Connection
) -> None:
    async with admin.transaction():
        await admin.execute(f"UPDATE test_{database}.items SET price = 0")
        await owner.ddl(database, "CREATE VIEW meanwhile AS SELECT name FROM items")
        await until_waiting(admin, 0)
    assert await owner.dml(database, "SELECT count(*) FROM meanwhile") == [{"count": 2}]
