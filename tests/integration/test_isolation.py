"""Both lines on, through HTTP: each hole of the ancestor, closed.

Numbers are those of EXAMPLES §2.1 (E…) and FIELD §3 (S…, C…). S3 to S7, S11 and E9 are attacks by
a statement: test_attacks_as_shipped.py.
"""

import asyncpg
import pytest

from tests.client import Client
from tests.state import changes, departures, state_of
from tests.two_tenants import TwoTenants, leaks, two_tenants


@pytest.fixture
async def tenants(client: Client, admin: asyncpg.Connection) -> TwoTenants:
    return await two_tenants(client, admin)


async def test_what_is_foreign_is_refused_like_what_is_missing(tenants: TwoTenants) -> None:
    """Nobody learns from an answer whether another's schema or table is there."""
    there = tenants.fill("SELECT * FROM @foreign@.items")
    missing = there.replace(".items", ".missing")
    nowhere = there.replace(str(tenants.victim_id), str(2**52))
    for env in ("prod", "test"):
        answers = [
            await tenants.attacker.refused_dml(tenants.attacker_id, sql, env)
            for sql in (there, missing, nowhere)
        ]
        assert {answer["code"] for answer in answers} == {25020}
        names = (str(tenants.victim_id), "items"), (str(tenants.victim_id), "missing")
        told = [answer["message"] for answer in answers]
        assert told[0].replace(*names[0]) == told[1].replace(*names[1]).replace("missing", "items")
        assert told[0].replace(str(tenants.victim_id), "") == told[2].replace(str(2**52), "")


UIDS = {
    "C1 test within": "test",
    "C1 prod within": "product-team",
    "C1 like a schema": "prod_1",
    "C1 both": "test-prod-test",
    "C5 capitals": "U1",
    "C5 the same in small letters": "u1",
    "C5 UUID": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
    "C8 64 characters": "a" * 64,
    "C8 64 others": "a" * 63 + "b",
    "C8 192 bytes": "ท" * 64,
    "S8 apostrophe": "o'brien",
    "S8 quotation mark": 'a"b',
    "S8 comment": "a;--",
    "S8 statement": "'; DROP SCHEMA twinbase CASCADE; --",
    "S8 quoted statement": '"; DROP SCHEMA twinbase CASCADE; --',
    "S8 dollars": "$$; DROP SCHEMA twinbase; $$",
    "S8 backslash": "\\",
    "S8 backslash and apostrophe": "\\'; RESET ROLE; --",
    "S8 placeholder": "{schema} {} $1 ?",
    "S8 comma": "a','b",
    "blank": " ",
    "null": "null",
    "another script": "пользователь-é",
}


async def test_every_uid_has_a_pair_of_its_own(client: Client, admin: asyncpg.Connection) -> None:
    """C1, E4 environment by substring · C5, E3 unquoted names · C8, E6 cut names · S8, E10."""
    made = {}
    for name, uid in UIDS.items():
        caller = client.caller(uid)
        database_id = await caller.create("same")
        await caller.ddl(database_id, "CREATE TABLE same (env text)")
        for env in ("prod", "test"):
            await caller.dml(database_id, f"INSERT INTO same (env) VALUES ('{env}')", env)
        made[name] = database_id
    assert len(set(made.values())) == len(UIDS)
    failures = []
    for name, uid in UIDS.items():
        caller, database_id = client.caller(uid), made[name]
        for env in ("prod", "test"):
            rows = await caller.dml(database_id, "SELECT env, uid FROM same", env)
            stored = await admin.fetch(f"SELECT env, uid FROM {env}_{database_id}.same")
            expected = [{"env": env, "uid": f"app01:{uid}"}]
            if rows != expected or [dict(row) for row in stored] != expected:
                failures.append(f"{name} in {env}: {rows} {stored}")
    assert failures == []
    schemas = await admin.fetchval(
        "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^(prod|test)_[0-9]+$'"
    )
    assert schemas == 2 * len(UIDS)


async def test_two_databases_of_one_long_uid(client: Client, admin: asyncpg.Connection) -> None:
    """C8, E6: names that were cut made them one, and dropping one dropped both."""
    caller = client.caller("x" * 64)
    first, second = await caller.create("first"), await caller.create("second")
    for database_id, name in ((first, "one"), (second, "two")):
        await caller.ddl(database_id, "CREATE TABLE t (name text)")
        await caller.dml(database_id, f"INSERT INTO t (name) VALUES ('{name}')")
    copy = await caller.done("clone_database", database_id=first, new_database_name="copy")
    await caller.done("drop_database", database_id=first)
    for database_id, name in ((second, "two"), (copy["database_id"], "one")):
        assert await caller.dml(database_id, "SELECT name FROM t") == [{"name": name}]
    left = await admin.fetchval(f"SELECT count(*) FROM pg_namespace WHERE nspname ~ '_{first}$'")
    assert left == 0


LITERALS = {
    "E9 semicolon": "a;b",
    "C14 statement": "a; DROP TABLE t; --",
    "C13 word behind a colon": ":true and :1 :name",
    "C13 JSON": '{"a": true, "b": [1, ":c"], "d": ":e"}',
    "comment": "-- /* not */ a comment",
    "dollar quotes": "$$ $1 $a$",
    "backslashes": "\\ \\' \\n \\\\",
    "apostrophes": "it's ''quoted''",
    "quotation marks": 'say "hi"',
    "placeholders": "{schema} {0} %s %(name)s ?",
    "lines": "a\nb\r\nc\td",
    "other scripts": "数据；：’ \U0001f511",
}


@pytest.mark.parametrize("name", LITERALS)
async def test_literals_are_only_literals(name: str, client: Client) -> None:
    """E9, C13, C14: in values, conditions, defaults, checks and comments."""
    text = LITERALS[name]
    constant = "'" + text.replace("'", "''") + "'"
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        f"CREATE TABLE t (a text DEFAULT {constant}, b text CHECK (b <> {constant} || 'x'));"
        f"COMMENT ON TABLE t IS {constant}; COMMENT ON COLUMN t.a IS {constant}",
    )
    await caller.dml(
        database_id, f"INSERT INTO t (b) VALUES ({constant}); UPDATE t SET b = {constant}"
    )
    rows = await caller.dml(
        database_id, f"SELECT a, b, {constant} AS c FROM t WHERE a = {constant} -- {name}"
    )
    assert rows == [{"a": text, "b": text, "c": text}]
    described = (await caller.describe(database_id))["test"]["t"]
    assert described["comment"] == text
    assert [column["comment"] for column in described["columns"] if column["name"] == "a"] == [text]


async def test_names_that_differ_in_case_are_two(client: Client, admin: asyncpg.Connection) -> None:
    """Mixed-case and keyword names stay what they were, in both schemas and in a clone."""
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        'CREATE TABLE t (v text); CREATE TABLE "T" (v text);'
        'CREATE TABLE "select" ("from" text, "V" text, v text);'
        'CREATE TABLE "a.b" ("c""d" text); CREATE TABLE "prod_1" (v text)',
    )
    for table, column in (("t", "v"), ('"T"', "v"), ('"select"', '"V"'), ('"a.b"', '"c""d"')):
        constant = "'" + table.replace('"', "") + "'"
        await caller.dml(database_id, f"INSERT INTO {table} ({column}) VALUES ({constant})")
    data = await caller.done("clone_database", database_id=database_id, new_database_name="copy")
    for one in (database_id, data["database_id"]):
        assert await caller.dml(one, "SELECT v FROM t") == [{"v": "t"}]
        assert await caller.dml(one, "SELECT v FROM T") == [{"v": "t"}]
        assert await caller.dml(one, 'SELECT v FROM "T"') == [{"v": "T"}]
        assert await caller.dml(one, 'SELECT "V", v FROM "select"') == [{"V": "select", "v": None}]
        assert await caller.dml(one, 'SELECT "c""d" FROM "a.b"') == [{'c"d': "a.b"}]
        assert await departures(admin, f"test_{one}") == []


async def test_a_clone_is_its_makers_and_stays_in_its_space(client: Client) -> None:
    """C5, C6, E5: lost its space, and lay beside its target."""
    owner, member = client.caller("U-1", "77"), client.caller("product-team", "77")
    database_id = await owner.create()
    await owner.ddl(database_id, "CREATE TABLE t (v text)")
    await owner.dml(database_id, "INSERT INTO t (v) VALUES ('prod')", "prod")
    await owner.dml(database_id, "INSERT INTO t (v) VALUES ('test')", "test")
    data = await member.done("clone_database", database_id=database_id, new_database_name="copy")
    line = await member.done("get_database", database_id=data["database_id"])
    assert (line["uid"], line["space_id"]) == ("product-team", "77")
    for env in ("prod", "test"):
        # The copied rows are still their writer's.
        assert await owner.dml(data["database_id"], "SELECT v FROM t", env) == [{"v": env}]
        assert await member.dml(data["database_id"], "SELECT v FROM t", env) == []


async def test_a_failed_clone_leaves_nothing(client: Client, admin: asyncpg.Connection) -> None:
    """C4, E2: left a registered, empty database and took the name."""
    caller = client.caller()
    database_id = await caller.create("taken")
    schemas = (f"prod_{database_id}", f"test_{database_id}")
    before = await state_of(admin, *schemas)
    answer = await caller.call("clone_database", database_id=database_id, new_database_name="taken")
    assert answer["code"] == 25010
    assert changes(before, await state_of(admin, *schemas)) == []


async def test_a_name_is_taken_once(client: Client, admin: asyncpg.Connection) -> None:
    """E12: uniqueness did not bind without a space; update_at never changed; no foreign key."""
    caller, member = client.caller(), client.caller("u1", "77")
    database_id = await caller.create("same")
    await member.create("same")
    for again in (caller, member):
        answer = await again.call("create_database", database_name="same")
        assert answer["code"] == 25010
    stamps = "SELECT create_at, update_at FROM twinbase.database_meta WHERE id = $1"
    before = await admin.fetchrow(stamps, database_id)
    await caller.done("modify_db_description", database_id=database_id, description="new")
    after = await admin.fetchrow(stamps, database_id)
    assert before is not None
    assert after is not None
    assert after["create_at"] == before["create_at"]
    assert after["update_at"] > before["update_at"]
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await admin.execute("DELETE FROM twinbase.database_meta")


async def test_a_failing_statement_undoes_the_whole_request(client: Client) -> None:
    """C15, E13: a commit per statement, and retries inside an aborted transaction."""
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (v integer CHECK (v > 0))")
    for failing in (
        "INSERT INTO t (v) VALUES (1); INSERT INTO t (v) VALUES (-1)",
        "INSERT INTO t (v) VALUES (1); SELECT 1/(v - v) FROM t",
        "INSERT INTO t (v) VALUES (1); SELECT * FROM missing",
        "INSERT INTO t (v) VALUES (1); SELECT pg_sleep(1)",
    ):
        assert (await caller.refused_dml(database_id, failing))["code"] in {25051, 25020, 25050}
        assert await caller.dml(database_id, "SELECT * FROM t") == []


async def test_no_row_and_no_sql_in_the_log(
    tenants: TwoTenants, capfd: pytest.CaptureFixture[str]
) -> None:
    """S10: rows, SQL and parameters were written to traces and logs."""
    capfd.readouterr()
    owner, database_id = tenants.victim, tenants.victim_id
    await owner.dml(database_id, "SELECT * FROM items", "prod")
    for failing in (
        "SELECT name::integer FROM items",
        "INSERT INTO items (name) SELECT name FROM items",
        "SELECT 'secret' FROM missing",
        "SELECT 'secret' FRM items",
        "SELECT pg_sleep('secret')",
    ):
        assert (await owner.refused_dml(database_id, failing, "prod"))["code"] != 0
    await owner.refused_ddl(database_id, "CREATE TABLE items (a text DEFAULT 'secret')")
    written = capfd.readouterr()
    assert not leaks(written.out + written.err)
