"""get_database tells of one moment between DDLs, and of every shape that exec_ddl makes."""

import asyncio

import pytest
from asyncpg import Connection

from service.settings import Settings
from tests.catalog import until_waiting
from tests.client import Client
from tests.integration.test_clone_races import tables_held
from tests.kitchen_sink import make_kitchen_sink

pytestmark = pytest.mark.usefixtures("nothing_by_itself")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nobody gives up a lock because this machine is slow."""
    return settings.model_copy(update={"lock_timeout_ms": 60_000})


@pytest.mark.parametrize(
    ("ddl", "columns"),
    [
        ("DROP TABLE giving", None),
        ("ALTER TABLE giving DROP COLUMN amount", ["id", "uid"]),
        ("ALTER TABLE giving RENAME amount TO sum", ["sum", "id", "uid"]),
    ],
)
async def test_ddl_is_told_whole(
    client: Client, admin: Connection, ddl: str, columns: list[str] | None
) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE giving (amount integer UNIQUE CHECK (amount > 0))")
    async with tables_held(admin, database_id):
        change = asyncio.create_task(caller.ddl(database_id, ddl))
        await until_waiting(admin, 1)
        description = asyncio.create_task(caller.describe(database_id))
        await until_waiting(admin, 2)
    await change
    for tables in (await description).values():
        told = tables.get("giving")
        assert columns == (told and [column["name"] for column in told["columns"]])


async def test_every_kind_is_told(client: Client) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        """
        CREATE TYPE mood AS ENUM ('calm', 'it''s', 'wild');
        COMMENT ON TYPE mood IS 'how; one: feels';
        CREATE DOMAIN "Price" AS numeric(9,2) DEFAULT 1.50 NOT NULL
            CONSTRAINT positive CHECK (VALUE > 0) CHECK (VALUE < 1000);
        CREATE SEQUENCE loose AS integer INCREMENT -2 MINVALUE -50 MAXVALUE 7 START 5 CYCLE;
        CREATE TABLE items (name text, mood mood DEFAULT 'calm', cost "Price", n int, s serial);
        CREATE SEQUENCE "Of" OWNED BY items.n;
        COMMENT ON SEQUENCE "Of" IS 'drawn';
        CREATE STATISTICS known (mcv) ON name, n FROM items;
        CREATE STATISTICS lower ON (lower(name)) FROM items;
        CREATE VIEW named ("Name", mood) AS SELECT name, mood FROM items WHERE cost > 1;
        COMMENT ON VIEW named IS 'some'; COMMENT ON COLUMN named."Name" IS 'its name'
        """,
    )
    described = await caller.done("get_database", database_id=database_id)
    for schema in described["schemas"]:
        assert schema["types"] == [
            {
                "name": "Price",
                "kind": "DOMAIN",
                "comment": None,
                "labels": [],
                "base_type": "numeric(9,2)",
                "nullable": False,
                "default": "1.50",
                "constraints": [
                    {"name": "Price_check", "definition": "CHECK ((VALUE < (1000)::numeric))"},
                    {"name": "positive", "definition": "CHECK ((VALUE > (0)::numeric))"},
                ],
            },
            {
                "name": "mood",
                "kind": "ENUM",
                "comment": "how; one: feels",
                "labels": ["calm", "it's", "wild"],
                "base_type": None,
                "nullable": True,
                "default": None,
                "constraints": [],
            },
        ]
        assert schema["sequences"] == [
            {
                "name": "Of",
                "comment": "drawn",
                "type": "bigint",
                "start": 1,
                "increment": 1,
                "minimum": 1,
                "maximum": 2**63 - 1,
                "cycles": False,
                "owned_by": "items.n",
                "last_value": None,
            },
            {
                "name": "loose",
                "comment": None,
                "type": "integer",
                "start": 5,
                "increment": -2,
                "minimum": -50,
                "maximum": 7,
                "cycles": True,
                "owned_by": None,
                "last_value": None,
            },
        ]
        (view,) = schema["views"]
        assert (view["name"], view["comment"]) == ("named", "some")
        assert " ".join(view["definition"].replace("items.", "").split()) == (
            'SELECT name AS "Name", mood FROM items WHERE cost::numeric > 1::numeric;'
        )
        assert view["columns"] == [
            {"name": "Name", "type": "text", "comment": "its name"},
            {"name": "mood", "type": "mood", "comment": None},
        ]
        (table,) = schema["tables"]
        types = {column["name"]: column["type"] for column in table["columns"]}
        assert (types["mood"], types["cost"]) == ("mood", '"Price"')
        assert table["statistics"] == [
            {"name": "known", "definition": "mcv ON name, n"},
            {"name": "lower", "definition": "lower(name)"},
        ]
    told = str(described["schemas"])
    assert not [ours for ours in ("twinbase", "prod_", "test_") if ours in told]


async def test_where_a_sequence_stands(client: Client, admin: Connection) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE SEQUENCE loose START 7")
    await admin.execute(f"SELECT nextval('test_{database_id}.loose') FROM generate_series(1, 3)")
    described = await caller.done("get_database", database_id=database_id)
    told = {schema["environment"]: schema["sequences"][0] for schema in described["schemas"]}
    assert (told["prod"]["last_value"], told["test"]["last_value"]) == (None, 9)


async def test_everything_is_told_by_its_bare_name(client: Client, admin: Connection) -> None:
    owner, member = client.caller("u1", "7"), client.caller("u2", "7")
    database_id = await owner.create()
    await make_kitchen_sink(owner, member, database_id, admin.get_server_version().major)
    tables = (await owner.describe(database_id))["test"]
    # Test is told without the name that the sink has put into texts, which is the one of prod.
    assert f"test_{database_id}" not in str(tables)
    assert [column["name"] for column in tables['say "hi" {} {schema}']["columns"]] == [
        "it's",
        "a{b}c",
        "100%",
        "%I;--",
        "{target}",
        "id",
        "uid",
    ]
    numbers = {column["name"]: column for column in tables["numbers"]["columns"]}
    assert numbers["always"]["identity"]
    assert numbers["doubled"]["generated"]
    assert numbers["i4"]["comment"] == "back\\slash\nand a line"
    keys = {key["name"]: (key["kind"], key["definition"]) for key in tables["parents"]["keys"]}
    assert keys["unique; later"] == ("UNIQUE", "UNIQUE (other) DEFERRABLE INITIALLY DEFERRED")
    assert keys["parents_pkey"] == ("PRIMARY KEY", "PRIMARY KEY (part, code)")
    indexes = {index["name"]: index["definition"] for index in tables["texts"]["indexes"]}
    assert indexes["hashed"] == "CREATE INDEX hashed ON texts USING hash (id_of)"
