"""DDL happens to both schemas of a pair or to none, one at a time, and waits for nobody long."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from service.settings import Settings
from tests.client import Caller, Client, open_client
from tests.state import changes, departures, state_of

SETUP = """
    CREATE TABLE people (name text);
    CREATE TABLE t (name text, amount integer, person_id bigint);
"""

# Rows that only one environment has, and a DDL that they make fail.
VIOLATED = {
    "unique": ("('a', 1, NULL), ('a', 2, NULL)", "ALTER TABLE t ADD UNIQUE (name)"),
    "unique index": ("('a', 1, NULL), ('a', 2, NULL)", "CREATE UNIQUE INDEX ON t (name)"),
    "key": ("('a', 1, NULL), ('a', 2, NULL)", "ALTER TABLE t ADD PRIMARY KEY (name)"),
    "not null": ("(NULL, 1, NULL)", "ALTER TABLE t ALTER COLUMN name SET NOT NULL"),
    "check": ("('a', -1, NULL)", "ALTER TABLE t ADD CHECK (amount > 0)"),
    "reference": ("('a', 1, 5)", "ALTER TABLE t ADD FOREIGN KEY (person_id) REFERENCES people(id)"),
    "type": ("('a', 1, NULL)", "ALTER TABLE t ALTER COLUMN name TYPE integer USING name::integer"),
    "generated": (
        "('a', 0, NULL)",
        "ALTER TABLE t ADD g int GENERATED ALWAYS AS (1/amount) STORED",
    ),
    "computed": ("('a', 0, NULL)", "CREATE TABLE u AS SELECT 1/amount AS x FROM t"),
    "a later statement": (
        "('a', -1, NULL)",
        (
            "CREATE TABLE u (a int); COMMENT ON TABLE t IS 'x'; ALTER TABLE t RENAME COLUMN"
            " name TO n;"
            " DROP TABLE people; ALTER TABLE t ADD CHECK (amount > 0)"
        ),
    ),
}

# Fail for themselves, after something that does not.
FAILING = {
    "no such table": "CREATE TABLE u (a int); ALTER TABLE missing ADD COLUMN a int",
    "table twice": "CREATE TABLE u (a int); CREATE TABLE u (a int)",
    "no such column": "ALTER TABLE t ADD COLUMN b int; ALTER TABLE t DROP COLUMN missing",
    "refused by settling": "ALTER TABLE t ADD COLUMN b int; CREATE TABLE u (id uuid)",
    "refused by the gate": "ALTER TABLE t ADD COLUMN b int; GRANT ALL ON t TO PUBLIC",
    "not parsed": "ALTER TABLE t ADD COLUMN b int; ALTER TABLE",
}


@pytest.fixture
async def hurried(settings: Settings) -> AsyncIterator[Client]:
    """Does not wait for locks."""
    async with open_client(settings.model_copy(update={"lock_timeout_ms": 150})) as client:
        yield client


async def made(caller: Caller) -> tuple[int, tuple[str, str]]:
    database_id = await caller.create()
    await caller.ddl(database_id, SETUP)
    return database_id, (f"prod_{database_id}", f"test_{database_id}")


@pytest.mark.parametrize("env", ["prod", "test"])
async def test_rows_of_one_environment_stop_both(
    env: str, client: Client, admin: asyncpg.Connection
) -> None:
    caller = client.caller()
    failures = []
    for number, (name, (rows, ddl)) in enumerate(VIOLATED.items()):
        database_id = await caller.create(f"d{number}")
        await caller.ddl(database_id, SETUP)
        await caller.dml(database_id, f"INSERT INTO t (name, amount, person_id) VALUES {rows}", env)
        schemas = (f"prod_{database_id}", f"test_{database_id}")
        before = await state_of(admin, *schemas)
        answer = await caller.refused_ddl(database_id, ddl)
        if answer["code"] != 25041:
            failures.append(f"{name}: {answer}")
        failures += changes(before, await state_of(admin, *schemas))
    assert failures == []


async def test_a_failing_statement_undoes_the_others(
    client: Client, admin: asyncpg.Connection
) -> None:
    caller = client.caller()
    database_id, schemas = await made(caller)
    before = await state_of(admin, *schemas)
    codes = {
        name: (await caller.refused_ddl(database_id, ddl))["code"] for name, ddl in FAILING.items()
    }
    assert codes == {
        "no such table": 25020,
        "table twice": 25041,
        "no such column": 25041,
        "refused by settling": 25040,
        "refused by the gate": 25040,
        "not parsed": 25030,
    }
    assert changes(before, await state_of(admin, *schemas)) == []


async def test_ddl_at_once_is_done_one_after_the_other(
    client: Client, admin: asyncpg.Connection
) -> None:
    caller = client.caller()
    database_id, schemas = await made(caller)
    requests = [f"ALTER TABLE t ADD COLUMN c{number} int" for number in range(4)]
    requests += [f"CREATE TABLE u{number} (a int)" for number in range(4)]
    requests += ["CREATE TABLE IF NOT EXISTS same (a int)"] * 2
    answers = await asyncio.gather(*(caller.refused_ddl(database_id, ddl) for ddl in requests))
    assert {answer["code"] for answer in answers} == {0}
    described = await caller.describe(database_id)
    for tables in described.values():
        assert tables.keys() == {"people", "t", "same", "u0", "u1", "u2", "u3"}
        columns = {column["name"] for column in tables["t"]["columns"]}
        assert {"c0", "c1", "c2", "c3"} < columns
    assert [await departures(admin, schema) for schema in schemas] == [[], []]


async def test_ddl_of_many_databases_at_once(client: Client, admin: asyncpg.Connection) -> None:
    caller = client.caller()
    ids = [await caller.create(f"d{number}") for number in range(6)]
    answers = await asyncio.gather(
        *(caller.refused_ddl(database_id, SETUP) for database_id in ids),
        *(caller.refused_ddl(ids[0], f"CREATE TABLE u{number} (a int)") for number in range(3)),
    )
    assert {answer["code"] for answer in answers} == {0}
    for database_id in ids:
        assert await departures(admin, f"prod_{database_id}") == []


HOLDING = {
    "rows read in prod": "SELECT * FROM prod_@.t",
    "rows read in test": "SELECT * FROM test_@.t",
    "rows written in test": "INSERT INTO test_@.t (id, uid) SELECT 1, 'x' WHERE false",
    "the database itself": "SELECT FROM twinbase.database_meta WHERE id = @ FOR UPDATE",
}


@pytest.mark.parametrize("holding", HOLDING)
async def test_ddl_does_not_wait_for_ever(
    holding: str, hurried: Client, admin: asyncpg.Connection
) -> None:
    caller = hurried.caller()
    database_id, schemas = await made(caller)
    before = await state_of(admin, *schemas)
    ddl = "ALTER TABLE t ADD COLUMN late int"
    async with admin.transaction():
        await admin.execute(HOLDING[holding].replace("@", str(database_id)))
        assert (await caller.refused_ddl(database_id, ddl))["code"] == 25017
        assert (await caller.refused_ddl(database_id, f"CREATE TABLE u (a int); {ddl}"))[
            "code"
        ] == 25017
    assert changes(before, await state_of(admin, *schemas)) == []
    await caller.ddl(database_id, ddl)


async def test_dml_does_not_wait_for_ever_either(
    hurried: Client, admin: asyncpg.Connection
) -> None:
    caller = hurried.caller()
    database_id, (prod, _) = await made(caller)
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE {prod}.t IN ACCESS EXCLUSIVE MODE")
        answer = await caller.refused_dml(database_id, "SELECT * FROM t", "prod")
        assert answer["code"] == 25017
    assert await caller.dml(database_id, "SELECT * FROM t", "prod") == []


async def test_dml_goes_on_while_another_database_changes(
    client: Client, admin: asyncpg.Connection
) -> None:
    caller = client.caller()
    busy, (prod, _) = await made(caller)
    other = await caller.create("other")
    await caller.ddl(other, SETUP)
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE {prod}.t IN ACCESS EXCLUSIVE MODE")
        waiting = asyncio.create_task(caller.refused_ddl(busy, "ALTER TABLE t ADD COLUMN a int"))
        await caller.ddl(other, "ALTER TABLE t ADD COLUMN a int")
        await caller.dml(other, "INSERT INTO t (a) VALUES (1)")
        assert not waiting.done()
    assert (await waiting)["code"] == 0
