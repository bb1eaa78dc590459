"""The main job, end to end: create → DDL → DML in both environments → clone → describe → drop."""

from tests.client import Client


async def test_main_job(client: Client) -> None:
    caller = client.caller()
    database_id = await caller.create("orders")
    assert 2**31 < database_id < 2**53

    await caller.ddl(database_id, "CREATE TABLE items (name VARCHAR NOT NULL, price NUMERIC(10,2))")
    (inserted,) = await caller.dml(
        database_id, "INSERT INTO items (name, price) VALUES ('pen', 1.50)"
    )
    assert set(inserted) == {"id"}
    (row,) = await caller.dml(database_id, "SELECT * FROM items")
    assert row == {"id": inserted["id"], "uid": "app01:u1", "name": "pen", "price": 1.50}
    assert await caller.dml(database_id, "SELECT * FROM items", env="prod") == []
    assert await caller.dml(database_id, "UPDATE items SET price = 2") == []
    assert await caller.dml(database_id, "INSERT INTO items (name) VALUES ('ink')", "prod")

    copy = await caller.done(
        "clone_database", database_id=database_id, new_database_name="orders_副本"
    )
    copy_id = copy["database_id"]
    await caller.done("drop_database", database_id=database_id)
    assert [row["price"] for row in await caller.dml(copy_id, "SELECT price FROM items")] == [2]
    assert await caller.dml(copy_id, "SELECT name FROM items", "prod") == [{"name": "ink"}]
    tables = await caller.describe(copy_id)
    assert [column["name"] for column in tables["prod"]["items"]["columns"]] == [
        "name",
        "price",
        "id",
        "uid",
    ]
    assert await caller.dml(copy_id, "DELETE FROM items") == []
    await caller.done("drop_database", database_id=copy_id)
    assert (await caller.refused_dml(copy_id, "SELECT 1"))["code"] == 25013
