"""get_database tells of one moment between DDLs, and of every shape that exec_ddl makes."""

import asyncio

import pytest
from asyncpg import Connection

from service.settings import Settings
from tests.catalog import until_waiting
from tests.client import Client
from tests.integration.test_clone_races import tables_held
from tests.kitchen_sink import make_kitchen_sink


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
