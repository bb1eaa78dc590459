"""What the service keeps in each row, and that nobody else can change what keeps it."""

import asyncpg

from tests.client import Client
from tests.state import changes, state_of


async def test_times_are_kept(client: Client) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(
        database_id, "CREATE TABLE t (name text, create_time timestamp, update_time timestamp)"
    )
    past = "'2001-01-01'"
    await caller.dml(
        database_id,
        f"INSERT INTO t (name, create_time, update_time) VALUES ('a', {past}, {past})",
    )
    (made,) = await caller.dml(database_id, "SELECT create_time, update_time FROM t")
    assert made["create_time"] == made["update_time"] > "2026"
    await caller.dml(database_id, f"UPDATE t SET create_time = {past}, update_time = {past}")
    (changed,) = await caller.dml(database_id, "SELECT create_time, update_time FROM t")
    assert changed["create_time"] == made["create_time"]
    assert changed["update_time"] >= made["update_time"]


async def test_serial_columns_go_on_counting(client: Client) -> None:
    """As identities: by default, from where they were, and for each caller."""
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (name text)")
    await caller.dml(database_id, "INSERT INTO t (name) VALUES ('a'), ('b')")
    await caller.ddl(database_id, "ALTER TABLE t ADD COLUMN n SERIAL")
    await caller.ddl(database_id, "ALTER TABLE t ADD COLUMN other text")
    await caller.dml(database_id, "INSERT INTO t (name) VALUES ('c')")
    await caller.dml(database_id, "INSERT INTO t (name, n) VALUES ('d', 40)")
    numbers = await caller.dml(database_id, "SELECT n FROM t ORDER BY name")
    assert sorted(row["n"] for row in numbers) == [1, 2, 3, 40]


# What is asked of table t (name text), and a word that the answer has to say.
REFUSED = {
    "id dropped": ("ALTER TABLE t DROP COLUMN id", "managed"),
    "id dropped with what depends on it": ("ALTER TABLE t DROP COLUMN id CASCADE", "managed"),
    "uid dropped": ("ALTER TABLE t DROP COLUMN IF EXISTS uid CASCADE", "managed"),
    "id renamed": ("ALTER TABLE t RENAME COLUMN id TO number", "managed"),
    "uid renamed": ("ALTER TABLE t RENAME uid TO owner", "managed"),
    "another column renamed to id": ("ALTER TABLE t RENAME COLUMN name TO id", "managed"),
    "id retyped": ("ALTER TABLE t ALTER COLUMN id TYPE text", "managed"),
    "uid retyped": ("ALTER TABLE t ALTER uid SET DATA TYPE varchar(10)", "managed"),
    "uid with a default": ("ALTER TABLE t ALTER COLUMN uid SET DEFAULT 'x'", "managed"),
    "uid without NOT NULL": ("ALTER TABLE t ALTER COLUMN uid DROP NOT NULL", "managed"),
    "id as identity": ("ALTER TABLE t ALTER id ADD GENERATED ALWAYS AS IDENTITY", "managed"),
    "id added": ("ALTER TABLE t ADD COLUMN id bigint", "managed"),
    "id generated": ("CREATE TABLE u (id bigint GENERATED ALWAYS AS (1) STORED)", "managed"),
    "id of letters": ("CREATE TABLE u (id UUID PRIMARY KEY)", "BIGINT"),
    "id text": ("CREATE TABLE u (id TEXT)", "BIGINT"),
    "id numeric": ("CREATE TABLE u (id NUMERIC(20))", "BIGINT"),
    "id a list": ("CREATE TABLE u (id BIGINT[])", "BIGINT"),
    "id computed to text": ("CREATE TABLE u AS SELECT 'a' AS id", "BIGINT"),
    "id a domain": ("CREATE DOMAIN number AS bigint; CREATE TABLE u (id number)", "not as number"),
    "id drawn as a domain": (
        "CREATE DOMAIN number AS bigint; CREATE TABLE u AS SELECT 1::number AS id",
        "BIGINT",
    ),
    "uid a domain": ("CREATE DOMAIN who AS varchar; CREATE TABLE u (uid who)", "VARCHAR"),
    "uid an enumeration": ("CREATE TYPE who AS ENUM ('a'); CREATE TABLE u (uid who)", "VARCHAR"),
    "uid a number": ("CREATE TABLE u (uid INT)", "VARCHAR"),
    "uid a UUID": ("CREATE TABLE u (uid UUID NOT NULL)", "VARCHAR"),
    "uid padded": ("CREATE TABLE u (uid CHAR(64))", "VARCHAR"),
    "after what is good": ("CREATE TABLE v (a int); CREATE TABLE u (id UUID)", "BIGINT"),
    "partitioned": ("CREATE TABLE u (a int) PARTITION BY LIST (a)", "PARTITION"),
    "inherits": ("CREATE TABLE u () INHERITS (t)", "INHERITS"),
}


async def test_managed_columns_cannot_be_changed(client: Client, admin: asyncpg.Connection) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (name text)")
    schemas = (f"prod_{database_id}", f"test_{database_id}")
    before = await state_of(admin, *schemas)
    failures = []
    for name, (ddl, word) in REFUSED.items():
        answer = await caller.refused_ddl(database_id, ddl)
        if answer["code"] != 25040 or word not in answer["message"]:
            failures.append(f"{name}: {answer}")
    assert failures == []
    assert changes(before, await state_of(admin, *schemas)) == []
