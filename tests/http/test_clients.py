"""The requests of the console, as they are formed there, and what it reads of the answers."""

import re

import pytest

from tests.client import Client, Row
from tests.http.field import Console, RefusedError

MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")

# The console cuts its DDL at semicolons outside of literals, and sends one statement a request.
CREATE_TABLE = """
CREATE TABLE "Orders" (
  "id" BIGSERIAL PRIMARY KEY,
  "uid" VARCHAR(64) NOT NULL,
  "create_time" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "Name" VARCHAR NOT NULL,
  "user" VARCHAR DEFAULT 'nobody',
  "qty" BIGINT NOT NULL DEFAULT 0,
  "price" DECIMAL DEFAULT 0,
  "paid" boolean DEFAULT FALSE,
  "due" TIMESTAMP DEFAULT '2025-06-01 10:00:00'
)

COMMENT ON TABLE "Orders" IS '订单; with :colons, ''quotes'' and a 100% sign'

COMMENT ON COLUMN "Orders"."id" IS 'Primary key id'

COMMENT ON COLUMN "Orders"."uid" IS 'uid'

COMMENT ON COLUMN "Orders"."create_time" IS 'Create time'

COMMENT ON COLUMN "Orders"."Name" IS '名称: what; was sold'
"""

CHANGE_TABLE = """
ALTER TABLE "Orders" RENAME TO "Sales"

COMMENT ON TABLE "Sales" IS 'renamed'

ALTER TABLE "Sales" DROP COLUMN IF EXISTS "due"

ALTER TABLE "Sales" DROP COLUMN IF EXISTS "never_there"

ALTER TABLE "Sales" RENAME COLUMN "qty" TO "Quantity"

ALTER TABLE "Sales" ALTER COLUMN "Quantity" SET DATA TYPE DECIMAL, \
ALTER COLUMN "Quantity" DROP NOT NULL, ALTER COLUMN "Quantity" SET DEFAULT 1.5

COMMENT ON COLUMN "Sales"."Quantity" IS 'how many'

ALTER TABLE "Sales" ALTER COLUMN "price" SET NOT NULL

ALTER TABLE "Sales" ALTER COLUMN "paid" SET DEFAULT TRUE

COMMENT ON COLUMN "Sales"."Name" IS NULL

ALTER TABLE "Sales" ADD COLUMN IF NOT EXISTS "note" VARCHAR NOT NULL DEFAULT '-'

ALTER TABLE "Sales" ADD COLUMN IF NOT EXISTS "note" VARCHAR NOT NULL DEFAULT '-'

COMMENT ON COLUMN "Sales"."note" IS 'free text'
"""

# As the console's form writes a row: strings, or JSON's own kinds.
PEN = """INSERT INTO "Orders" ("uid", "Name", "user", "qty", "price", "paid", "due") VALUES \
('{uid}', 'it''s a pen', '张三', '20', '1.50', 'true', '2025-07-01 08:09:10');"""
INK = """INSERT INTO "Orders" ("uid", "Name", "qty", "price", "paid") VALUES \
('{uid}', 'ink', 7, 12.345, FALSE);"""

FIRST_PAGE = 'SELECT * FROM "Orders" ORDER BY "create_time" DESC, "id" DESC LIMIT 10 OFFSET 0'
COUNT = 'SELECT COUNT(*) FROM "Orders"'


async def columns(client: Client, uid: str, database_id: int, table: str) -> dict[str, Row]:
    """Of both environments, which must agree."""
    tables = await client.caller(uid).describe(database_id)
    prod, test = (tables[name][table]["columns"] for name in ("prod", "test"))
    assert prod == test
    return {column["name"]: column for column in prod}


# uids as consoles have them, and the spaces that they work in.
USERS = {
    "a number": ("100000039012", None),
    "a UUID in a space": ("a25c42f6-1b9c-4f8e-8a54-0a5c6d0b3c4d", 31415926535),
    "64 characters": ("Prod_Test-" + "U" * 54, None),
}


@pytest.fixture(params=USERS)
def console(client: Client, request: pytest.FixtureRequest) -> Console:
    return Console(client, *USERS[request.param])


async def test_the_console(client: Client, console: Console) -> None:
    """Create, table, rows of both environments, change of table, copies, drop."""
    database_id = await console.create("my_orders", "订单")
    await console.ddl(database_id, *CREATE_TABLE.strip().split("\n\n"))
    for environment in ("test", "prod"):
        await rows_of_the_console(console, database_id, environment)
    created = await client.caller(console.uid).describe(database_id)
    assert created["test"]["Orders"]["comment"] == "订单; with :colons, 'quotes' and a 100% sign"
    await console.ddl(database_id, *CHANGE_TABLE.strip().split("\n\n"))
    changed = await columns(client, console.uid, database_id, "Sales")
    assert list(changed) == [
        *("id", "uid", "create_time", "Name", "user", "Quantity", "price", "paid", "note"),
    ]
    assert (changed["Quantity"]["type"], changed["Quantity"]["default"]) == ("numeric", "1.5")
    assert changed["Quantity"]["comment"] == "how many"
    assert changed["Name"]["comment"] is None
    assert not changed["price"]["nullable"]
    await copies_of_the_console(console, database_id)
    await console.drop(database_id)
    with pytest.raises(RefusedError):
        await console.drop(database_id)


async def rows_of_the_console(console: Console, database_id: int, env: str) -> None:
    assert await console.select(database_id, FIRST_PAGE, env) == []
    assert await console.count(database_id, COUNT, env) == 0
    await console.change(database_id, PEN.format(uid=console.uid), env)
    await console.change(database_id, INK.format(uid=console.uid), env)
    ink, pen = await console.select(database_id, FIRST_PAGE, env)
    assert ink["uid"] == pen["uid"] == console.uid
    assert MOMENT.fullmatch(pen["create_time"])
    told = {name: pen[name] for name in ("Name", "user", "qty", "price", "paid", "due")}
    assert told == {
        "Name": "it's a pen",
        "user": "张三",
        "qty": 20,
        "price": 1.5,
        "paid": True,
        "due": "2025-07-01 08:09:10",
    }
    assert (ink["user"], ink["due"], ink["paid"]) == ("nobody", "2025-06-01 10:00:00", False)
    update = (
        f'UPDATE "Orders" SET "uid" = \'{console.uid}\', "create_time" = \'2001-01-01 00:00:00\','
        f' "Name" = \'blue ink\', "paid" = \'true\', "qty" = \'8\' WHERE "id" = {ink["id"]};'
    )
    await console.change(database_id, update, env)
    export = f'SELECT * FROM "Orders" WHERE "id" IN ({ink["id"]},{pen["id"]})'
    exported = {row["id"]: row for row in await console.select(database_id, export, env)}
    changed = {"Name": "blue ink", "paid": True, "qty": 8}
    assert exported == {ink["id"]: ink | changed, pen["id"]: pen}
    await console.change(database_id, f'DELETE FROM "Orders" WHERE "id" = {pen["id"]};', env)
    rest = await console.select(database_id, 'SELECT * FROM "Orders" LIMIT 1000 OFFSET 0', env)
    assert rest == [ink | changed]


async def copies_of_the_console(console: Console, database_id: int) -> None:
    copy_table = 'CREATE TABLE "Sales_copy" AS SELECT * FROM "Sales"'
    await console.ddl(database_id, copy_table)
    everything = 'SELECT * FROM "{}" LIMIT 1000 OFFSET 0'
    for env in ("test", "prod"):
        original = await console.select(database_id, everything.format("Sales"), env)
        assert await console.select(database_id, everything.format("Sales_copy"), env) == original
    insert = f'INSERT INTO "Sales_copy" ("uid", "Name") VALUES (\'{console.uid}\', \'new\');'
    await console.change(database_id, insert)
    assert await console.count(database_id, 'SELECT COUNT(*) FROM "Sales_copy"') == 2
    await console.describe(database_id, "副本来源")
    copy_id = await console.copy(database_id, "my_orders_副本")
    original = await console.select(database_id, everything.format("Sales"), "prod")
    await console.ddl(database_id, 'DROP TABLE IF EXISTS "Sales"', 'DROP TABLE IF EXISTS "Sales"')
    assert await console.select(copy_id, everything.format("Sales"), "prod") == original
    await console.drop(copy_id)


async def test_the_import_of_the_console(client: Client) -> None:
    """Its names are not quoted, its values are literals of SQL's own kinds."""
    console = Console(client, "u-1")
    database_id = await console.create("imports")
    await console.ddl(
        database_id,
        'CREATE TABLE "orders" (\n  "id" BIGSERIAL PRIMARY KEY,\n  "uid" VARCHAR(64) NOT NULL,\n'
        '  "create_time" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,\n  "name" VARCHAR,\n'
        '  "qty" BIGINT,\n  "price" DECIMAL,\n  "paid" boolean,\n  "due" TIMESTAMP\n)',
    )
    into = "insert into orders (uid, name, qty, price, paid, due) values ('u-1',"
    for values in (
        " 'it''s; a \\ pen', 20, 1.50, true, timestamp '2025-06-01 10:00:00.0')",
        " '', 9223372036854775807, -0.01, false, '2025-06-01T10:00')",
        " null, cast(null as bigint), null, null, null)",
    ):
        await console.change(database_id, into + values)
    rows = await console.select(database_id, 'SELECT * FROM "orders" LIMIT 1000 OFFSET 0')
    told = [tuple(row[name] for name in ("name", "qty", "price", "paid", "due")) for row in rows]
    assert told == [
        ("it's; a \\ pen", 20, 1.5, True, "2025-06-01 10:00:00"),
        ("", 9223372036854775807, -0.01, False, "2025-06-01 10:00:00"),
        (None, None, None, None, None),
    ]


async def test_what_the_console_is_told_of_failures(client: Client) -> None:
    """It shows the message to a person."""
    console = Console(client, "u1")
    database_id = await console.create("orders")
    with pytest.raises(RefusedError, match="already exists"):
        await console.create("orders")
    with pytest.raises(RefusedError, match="no such database"):
        await console.copy(database_id + 1, "orders_副本")
    with pytest.raises(RefusedError, match="cannot be cast automatically to type bigint"):
        await console.ddl(
            database_id,
            'CREATE TABLE "T" ("a" VARCHAR)',
            'ALTER TABLE "T" ALTER COLUMN "a" SET DATA TYPE BIGINT',
        )
    with pytest.raises(RefusedError, match='relation "Missing" does not exist'):
        await console.select(database_id, 'SELECT * FROM "Missing" LIMIT 1000 OFFSET 0')
