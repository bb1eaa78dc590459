"""A clone of some tables: with all that they need, or refused with the names that are missing."""

from collections.abc import Iterable

import pytest
from asyncpg import Connection

from domain.schema import Environment
from tests.catalog import inventory, schemas
from tests.client import Caller, Client, Row

INVALID, NOT_FOUND, NOT_POSSIBLE = 25000, 25013, 25016

SHOP = """
    CREATE TYPE state AS ENUM ('new', 'paid');
    CREATE TYPE colour AS ENUM ('red', 'blue');
    CREATE DOMAIN price AS numeric(10, 2) CHECK (VALUE >= 0);
    CREATE DOMAIN weight AS numeric CHECK (VALUE > 0);
    CREATE SEQUENCE numbers START 1000;
    CREATE SEQUENCE unused;
    CREATE TABLE customers (name text NOT NULL, number bigint UNIQUE DEFAULT nextval('numbers'));
    CREATE TABLE orders (
        customer bigint REFERENCES customers (number), state state DEFAULT 'new', total price,
        "Line" integer GENERATED ALWAYS AS IDENTITY, invoice bigint DEFAULT nextval('numbers')
    );
    CREATE INDEX by_state ON orders (state) WHERE total > 0;
    CREATE STATISTICS likely ON customer, state FROM orders;
    COMMENT ON TABLE orders IS 'what we sold';
    CREATE TABLE "Items; of" (made serial, colour colour, weight weight);
    CREATE TABLE items (of_order bigint REFERENCES orders (id), item bigint REFERENCES "Items; of" (id));
    CREATE VIEW recent AS SELECT customer, total FROM orders WHERE state = 'new';
    CREATE VIEW names AS SELECT c.name, r.total FROM recent AS r JOIN customers AS c ON c.number = r.customer
"""
ROWS = """
    INSERT INTO customers (name) VALUES ('a'), ('b');
    INSERT INTO orders (customer, total) VALUES (1000, 5), (1001, 7.5), (1000, 0);
    INSERT INTO "Items; of" (colour, weight) VALUES ('red', 1);
    INSERT INTO items (of_order, item) SELECT o.id, i.id FROM orders AS o, "Items; of" AS i
"""
OF_ORDERS = {
    "customers",
    "customers_number_key",
    "customers_pkey",
    "customers_uid_idx",
    "by_state",
    "numbers",
    "orders",
    "orders_Line_seq",
    "orders_pkey",
    "orders_uid_idx",
}
IN_SCHEMA = {
    "pg_class": "SELECT relname FROM pg_class WHERE relnamespace = $1::text::regnamespace",
    "pg_type": """
        SELECT typname FROM pg_type
        WHERE typnamespace = $1::text::regnamespace AND typtype IN ('e', 'd')
    """,
    "pg_statistic_ext": """
        SELECT stxname FROM pg_statistic_ext WHERE stxnamespace = $1::text::regnamespace
    """,
    "pg_constraint": """
        SELECT conname FROM pg_constraint
        WHERE connamespace = $1::text::regnamespace AND contype IN ('f', 'c')
    """,
}


@pytest.fixture
async def caller(client: Client) -> Caller:
    return client.caller()


@pytest.fixture
async def shop(caller: Caller) -> int:
    database_id = await caller.create("shop")
    await caller.ddl(database_id, SHOP)
    for env in ("prod", "test"):
        await caller.dml(database_id, ROWS, env)
    return database_id


async def cloned(caller: Caller, source: int, tables: Iterable[str], **more: object) -> Row:
    data: Row = await caller.done(
        "clone_database",
        database_id=source,
        new_database_name="copy",
        tables=sorted(tables),
        **more,
    )
    return data


async def refused(caller: Caller, source: int, tables: Iterable[str], **more: object) -> str:
    answer = await caller.call(
        "clone_database",
        database_id=source,
        new_database_name="copy",
        tables=sorted(tables),
        **more,
    )
    assert answer["code"] == NOT_POSSIBLE, answer
    return str(answer["message"])


async def in_schema(admin: Connection, schema: str) -> dict[str, set[str]]:
    return {
        catalog: {row[0] for row in await admin.fetch(query, schema)}
        for catalog, query in IN_SCHEMA.items()
    }


async def test_some_tables_with_what_they_need_and_nothing_else(
    caller: Caller, admin: Connection, shop: int
) -> None:
    data = await cloned(caller, shop, ["customers", "orders"], verify="checksums")
    assert data["report"].pop("objects") > 20
    assert data["report"] == {"tables": 4, "rows": 10, "verified": "checksums"}
    copy = data["database_id"]
    for schema in (await schemas(admin, copy)).values():
        assert await in_schema(admin, schema) == {
            "pg_class": OF_ORDERS,
            "pg_type": {"state", "price"},
            "pg_statistic_ext": {"likely"},
            "pg_constraint": {"orders_customer_fkey", "price_check"},
        }
    await caller.done("drop_database", database_id=shop)
    described = await caller.describe(copy)
    assert described["test"]["orders"]["comment"] == "what we sold"
    inserted = (
        'INSERT INTO orders (customer, total) VALUES ({}, 1) RETURNING state, "Line", invoice'
    )
    assert await caller.dml(copy, inserted.format(1001)) == [
        {"state": "new", "Line": 4, "invoice": 1005}
    ]
    assert "orders_customer_fkey" in str(await caller.refused_dml(copy, inserted.format(5)))
    assert (await caller.refused_dml(copy, "SELECT * FROM items"))["code"] != 0
    assert await caller.dml(copy, "SELECT name FROM customers ORDER BY name") == [
        {"name": "a"},
        {"name": "b"},
    ]


async def test_all_names_are_everything_that_tables_need(
    caller: Caller, admin: Connection, shop: int
) -> None:
    names = ["customers", "orders", "Items; of", "items", "recent", "names"]
    copies = await schemas(admin, (await cloned(caller, shop, names))["database_id"])
    for environment, schema in (await schemas(admin, shop)).items():
        expected = await in_schema(admin, schema)
        expected["pg_class"].remove("unused")
        assert await in_schema(admin, copies[environment]) == expected


async def test_what_is_missing_is_told_in_one_go(
    caller: Caller, admin: Connection, shop: int
) -> None:
    before = await inventory(admin)
    assert await refused(caller, shop, ["names", "items"]) == (
        "Nothing was copied. More is needed than was asked for:"
        ' foreign key items_item_fkey of table items needs table "Items; of";'
        " foreign key items_of_order_fkey of table items needs table orders;"
        " view names needs table customers;"
        " view names needs view recent;"
        " foreign key orders_customer_fkey of table orders needs table customers;"
        " view recent needs table orders."
        " Name them, too: Items; of, customers, orders, recent."
    )
    assert await inventory(admin) == before
    names = ["names", "items", "Items; of", "customers", "orders", "recent"]
    assert (await cloned(caller, shop, names))["status"] == "succeeded"


async def test_a_name_that_is_nowhere_is_told(caller: Caller, shop: int) -> None:
    for name in ("Customers", "unused", "state", "by_state", "public.customers", "prod_1.orders"):
        assert await refused(caller, shop, ["customers", name]) == (
            f"Nothing was copied. There are no tables or views of these names: {name}."
        )


async def test_environments_may_differ(caller: Caller, admin: Connection) -> None:
    source = await caller.create()
    await caller.ddl(
        source, "CREATE TABLE shared (v int UNIQUE); CREATE TABLE needed (v int UNIQUE)"
    )
    for env, ddl in (
        ("prod", "CREATE TABLE only_prod (v int)"),
        ("test", "ALTER TABLE shared ADD CONSTRAINT k FOREIGN KEY (v) REFERENCES needed (v)"),
    ):
        await caller.done("exec_ddl", database_id=source, ddl=ddl, env=env)
    assert "; " not in (told := await refused(caller, source, ["shared", "only_prod"]))
    assert "for: test: foreign key k of table shared needs table needed. Name them" in told
    of_prod = await cloned(caller, source, ["shared", "only_prod"], environments=["prod"])
    await caller.done("drop_database", database_id=of_prod["database_id"])
    told = await refused(caller, source, ["shared", "needed", "only_prod"], environments=["test"])
    assert "no tables or views of these names: only_prod." in told
    empty_in_test = await caller.clone(source, "of_prod", tables=["only_prod"])
    assert {env: set(tables) for env, tables in (await caller.describe(empty_in_test)).items()} == {
        "prod": {"only_prod"},
        "test": set(),
    }
    copy = (await cloned(caller, source, ["shared", "needed", "only_prod"]))["database_id"]
    described = await caller.describe(copy)
    assert set(described["prod"]) == {"shared", "needed", "only_prod"}
    assert set(described["test"]) == {"shared", "needed"}


async def test_without_rows_and_of_one_environment(
    caller: Caller, admin: Connection, shop: int
) -> None:
    options = {"schema_only": True, "environments": ["test"], "target_space_id": "78"}
    data = await cloned(caller, shop, ["customers"], **options)
    copies = await schemas(admin, data["database_id"])
    assert (await in_schema(admin, copies[Environment.PROD]))["pg_class"] == set()
    drawn = await caller.dml(
        data["database_id"], "INSERT INTO customers (name) VALUES ('c') RETURNING number"
    )
    assert drawn == [{"number": 1000}]


async def test_as_an_operation(caller: Caller, admin: Connection, shop: int) -> None:
    begun = await cloned(caller, shop, ["customers", "orders"], wait=False)
    operation = await caller.ended(begun["operation_id"])
    assert operation["status"] == "succeeded", operation
    assert operation["result"].pop("objects") > 20
    assert operation["result"] == {"tables": 4, "rows": 10, "verified": "counts"}
    for schema in (await schemas(admin, begun["database_id"])).values():
        assert (await in_schema(admin, schema))["pg_class"] == OF_ORDERS


async def test_an_operation_refuses_as_well(caller: Caller, shop: int) -> None:
    begun = await cloned(caller, shop, ["orders"], wait=False, verify="checksums")
    operation = await caller.ended(begun["operation_id"])
    assert operation["status"] == "failed"
    assert operation["error"]["code"] == NOT_POSSIBLE
    assert operation["error"]["message"].endswith("Name them, too: customers.")
    answer = await caller.call("get_database", database_id=begun["database_id"])
    assert answer["code"] == NOT_FOUND


async def test_some_tables_of_a_large_database_are_copied_at_once(
    caller: Caller, admin: Connection
) -> None:
    """What they are counts, not what there is: their operation stands in no queue."""
    source = await caller.create()
    tables = ";".join(f"CREATE TABLE t{number} (v int)" for number in range(160))
    await caller.ddl(source, tables)
    await admin.execute(
        """
        CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON twinbase_queue.pgqueuer EXECUTE FUNCTION public.fail()
        """
    )
    data = await cloned(caller, source, ["t7", "t70"])
    assert data["status"] == "succeeded"
    assert set((await caller.describe(data["database_id"]))["prod"]) == {"t7", "t70"}
    queued = await caller.call("clone_database", database_id=source, new_database_name="other")
    assert queued["code"] != 0


async def test_bad_lists_are_told(caller: Caller, admin: Connection, shop: int) -> None:
    before = await inventory(admin)
    for tables in (
        [],
        "customers",
        [""],
        ["customers", "customers"],
        ["customers", 1],
        [None],
        [["customers"]],
        {"customers": 1},
        ["a\0b"],
        ["x" * 64],
        [f"t{number}" for number in range(1001)],
    ):
        answer = await caller.call(
            "clone_database", database_id=shop, new_database_name="copy", tables=tables
        )
        assert answer["code"] == INVALID, tables
        assert "tables" in answer["message"]
    assert await inventory(admin) == before
    told = await refused(caller, shop, [f"t{number}" for number in range(1000)])
    assert "t0, t1, t10, t100," in told
    assert told.endswith(", and 900 more.")
    everything = await caller.done(
        "clone_database", database_id=shop, new_database_name="copy", tables=None
    )
    assert set((await caller.describe(everything["database_id"]))["prod"]) > {"items", "orders"}
