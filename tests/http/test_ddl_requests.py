"""What exec_ddl is asked beside its SQL: one environment, a dry run, a time; and its history."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from service.settings import Settings
from tests.catalog import until_running
from tests.client import Caller, Client, Row, open_client
from tests.state import changes, state_of

SETUP = """
    CREATE TYPE mood AS ENUM ('calm');
    CREATE SEQUENCE numbers;
    CREATE TABLE people (name text);
    CREATE TABLE items (name text, price integer DEFAULT 0, person_id bigint, UNIQUE (name));
    CREATE INDEX by_price ON items (price);
    CREATE VIEW names AS SELECT name FROM items
"""

SLOW = "CREATE TABLE late AS SELECT count(*) FROM generate_series(1, 1e15::bigint)"


@pytest.fixture
def caller(client: Client) -> Caller:
    return client.caller()


@pytest.fixture
async def database(caller: Caller) -> int:
    database_id = await caller.create()
    await caller.ddl(database_id, SETUP)
    return database_id


def schemas(database_id: int) -> tuple[str, str]:
    return f"prod_{database_id}", f"test_{database_id}"


async def ddl(caller: Caller, database_id: int, sql: str, **more: object) -> Any:
    return await caller.done("exec_ddl", database_id=database_id, ddl=sql, **more)


BOTH = {"prod", "test"}

# What a request says of the environment, and which it reaches.
ENVIRONMENTS: dict[str, tuple[Row, set[str]]] = {
    "absent": ({}, BOTH),
    "null": ({"env": None}, BOTH),
    "empty": ({"env": ""}, BOTH),
    "prod": ({"env": "prod"}, {"prod"}),
    "test": ({"env": "test"}, {"test"}),
}


@pytest.mark.parametrize("case", ENVIRONMENTS)
async def test_environments(
    caller: Caller, database: int, admin: asyncpg.Connection, case: str
) -> None:
    env, reached = ENVIRONMENTS[case]
    before = await state_of(admin, *schemas(database))
    assert await ddl(caller, database, "CREATE TABLE added (a int)", **env) is None
    tables = await caller.describe(database)
    assert {name for name, there in tables.items() if "added" in there} == reached
    untouched = [f"{name}_{database}: " for name in BOTH - reached]
    after = await state_of(admin, *schemas(database))
    changed = changes(before, after)
    assert not [line for line in changed if line.startswith(tuple(untouched) or "-")]
    (line,) = (await caller.done("list_ddl", database_id=database, limit=1))["statements"]
    assert set(line["environments"]) == reached


async def test_a_structure_that_only_one_environment_has_is_changed_there(
    caller: Caller, database: int
) -> None:
    await ddl(caller, database, "ALTER TABLE items ADD COLUMN late int", env="test")
    both = await caller.refused_ddl(database, "ALTER TABLE items DROP COLUMN late")
    assert both["code"] == 25041
    await ddl(caller, database, "ALTER TABLE items ADD COLUMN late int", env="prod")
    await ddl(caller, database, "ALTER TABLE items DROP COLUMN late")


Line = tuple[str, str, str | None, str]

# A request, and what it tells of each environment: change, object, table, name.
DRY_RUNS: dict[str, tuple[str, list[Line]]] = {
    "nothing": ("CREATE TABLE IF NOT EXISTS items (a int)", []),
    "a table": (
        "CREATE TABLE added (a int, UNIQUE (a)); CREATE INDEX ON added (a)",
        [("added", "table", None, "added")],
    ),
    "columns": (
        "ALTER TABLE items ADD COLUMN late int, ALTER price TYPE bigint, ALTER name SET NOT NULL",
        [
            ("changed", "column", "items", "name"),
            ("changed", "column", "items", "price"),
            ("added", "column", "items", "late"),
        ],
    ),
    "a column that is not there any more": (
        "ALTER TABLE items DROP COLUMN price",
        [("dropped", "column", "items", "price"), ("dropped", "index", "items", "by_price")],
    ),
    "a name": (
        "ALTER TABLE people RENAME TO persons",
        [
            ("changed", "table", None, "persons"),
            ("changed", "index", "persons", "people_pkey"),
            ("changed", "index", "persons", "people_uid_idx"),
        ],
    ),
    "keys": (
        (
            "ALTER TABLE items ADD FOREIGN KEY (person_id) REFERENCES people (id);"
            "ALTER TABLE items ADD CHECK (price > 0), DROP CONSTRAINT items_name_key"
        ),
        [
            ("dropped", "key", "items", "items_name_key"),
            ("added", "key", "items", "items_person_id_fkey"),
            ("added", "key", "items", "items_price_check"),
            ("dropped", "index", "items", "items_name_key"),
        ],
    ),
    "what goes with what is dropped": (
        "DROP TABLE items CASCADE; DROP TYPE mood; DROP SEQUENCE numbers",
        [
            ("dropped", "type", None, "mood"),
            ("dropped", "sequence", None, "numbers"),
            ("dropped", "table", None, "items"),
            ("dropped", "view", None, "names"),
        ],
    ),
    "all kinds": (
        (
            "ALTER TYPE mood ADD VALUE 'wild'; CREATE DOMAIN price AS int CHECK (VALUE > 0);"
            "ALTER SEQUENCE numbers INCREMENT 5; CREATE SEQUENCE more OWNED BY items.price;"
            "CREATE OR REPLACE VIEW names AS SELECT name, price FROM items;"
            "CREATE VIEW more_names AS SELECT name FROM people;"
            "CREATE STATISTICS known ON name, price FROM items; COMMENT ON TABLE people IS 'all'"
        ),
        [
            ("changed", "type", None, "mood"),
            ("added", "type", None, "price"),
            ("added", "sequence", None, "more"),
            ("changed", "sequence", None, "numbers"),
            ("changed", "table", None, "people"),
            ("added", "statistics", "items", "known"),
            ("added", "view", None, "more_names"),
            ("changed", "view", None, "names"),
        ],
    ),
}


@pytest.mark.parametrize("case", DRY_RUNS)
async def test_a_dry_run_tells_and_keeps_nothing(
    caller: Caller, database: int, admin: asyncpg.Connection, case: str
) -> None:
    sql, expected = DRY_RUNS[case]
    before = await state_of(admin, *schemas(database))
    described = await caller.done("get_database", database_id=database)
    data = await ddl(caller, database, sql, dry_run=True)
    assert data["dry_run"] is True
    assert changes(before, await state_of(admin, *schemas(database))) == []
    assert await caller.done("get_database", database_id=database) == described
    lines = [
        tuple(change[part] for part in ("environment", "change", "object", "table", "name"))
        for change in data["changes"]
    ]
    assert lines == [(env, *line) for env in ("prod", "test") for line in expected]
    in_test = await ddl(caller, database, sql, dry_run=True, env="test")
    assert in_test["changes"] == [
        change for change in data["changes"] if change["environment"] == "test"
    ]
    (of_setup, *_) = (await caller.done("list_ddl", database_id=database))["statements"]
    assert of_setup["statement"].startswith("CREATE VIEW names")
    assert await ddl(caller, database, sql, dry_run=False) is None


async def test_what_a_dry_run_tells_is_what_is_then_there(caller: Caller, database: int) -> None:
    sql = (
        "ALTER TABLE items RENAME price TO cost; CREATE TABLE added (n serial, d numrange);"
        "ALTER TYPE mood ADD VALUE 'wild'"
    )
    told = (await ddl(caller, database, sql, dry_run=True, env="test"))["changes"]
    renamed, added, mood = (
        next(change for change in told if change["name"] == name)
        for name in ("cost", "added", "mood")
    )
    assert (renamed["before"], renamed["after"]) == ({"name": "price"}, {"name": "cost"})
    assert (mood["before"], mood["after"]) == ({"labels": ["calm"]}, {"labels": ["calm", "wild"]})
    await ddl(caller, database, sql)
    table = (await caller.describe(database))["test"]["added"]
    assert added["after"] == {
        name: value for name, value in table.items() if name not in {"rows", "bytes"}
    }


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("CREATE TABLE items (a int)", 25041),
        ("ALTER TABLE nope ADD a int", 25020),
        ("CREATE TABLE u (id uuid)", 25040),
        ("GRANT ALL ON items TO PUBLIC", 25040),
        ("CREATE TABLE", 25030),
    ],
)
async def test_a_dry_run_fails_as_the_run_would(
    caller: Caller, database: int, sql: str, code: int
) -> None:
    dry = await caller.call("exec_ddl", database_id=database, ddl=sql, dry_run=True)
    real = await caller.call("exec_ddl", database_id=database, ddl=sql)
    assert dry["code"] == real["code"] == code
    assert dry["message"] == real["message"]


@pytest.mark.parametrize("field", ["timeout_ms", "lock_timeout_ms"])
async def test_a_time_is_bounded(
    caller: Caller, database: int, field: str, settings: Settings
) -> None:
    most = {
        "timeout_ms": settings.statement_timeout_ms,
        "lock_timeout_ms": settings.lock_timeout_ms,
    }[field]
    answer = await caller.call(
        "exec_ddl", database_id=database, ddl="CREATE TABLE u (a int)", **{field: most + 1}
    )
    assert (answer["code"], answer["message"]) == (25000, f"{field}: must be at most {most}.")
    await ddl(caller, database, "CREATE TABLE u (a int)", **{field: most})


async def test_a_shorter_time_is_kept(
    caller: Caller, database: int, admin: asyncpg.Connection
) -> None:
    before = await state_of(admin, *schemas(database))
    answer = await caller.call("exec_ddl", database_id=database, ddl=SLOW, timeout_ms=50)
    assert answer["code"] == 25031
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE prod_{database}.items IN ACCESS SHARE MODE")
        answer = await caller.call(
            "exec_ddl", database_id=database, ddl="DROP TABLE items", lock_timeout_ms=1
        )
        assert answer["code"] == 25017
    assert changes(before, await state_of(admin, *schemas(database))) == []


async def test_ddl_is_cancelled(
    caller: Caller, database: int, client: Client, admin: asyncpg.Connection
) -> None:
    before = await state_of(admin, *schemas(database))
    running = asyncio.create_task(caller.refused_ddl(database, SLOW))
    label = await until_running(admin, SLOW)
    await caller.done("cancel_statement", database_id=database, sid=label.split()[0])
    assert (await running)["code"] == 25032
    assert changes(before, await state_of(admin, *schemas(database))) == []


async def test_ddl_of_a_caller_who_has_gone_is_undone(
    settings: Settings, admin: asyncpg.Connection
) -> None:
    """And its connection serves the next one: there are only two."""
    async with open_client(settings.model_copy(update={"database_connections": 6})) as client:
        caller = client.caller()
        database_id = await caller.create()
        await caller.ddl(database_id, SETUP)
        before = await state_of(admin, *schemas(database_id))
        for _ in range(4):
            ddl = f"DROP TABLE people; {SLOW}"
            running = asyncio.create_task(caller.refused_ddl(database_id, ddl))
            await until_running(admin, SLOW)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        assert changes(before, await state_of(admin, *schemas(database_id))) == []
        await caller.ddl(database_id, "DROP TABLE people")


async def history(caller: Caller, database_id: int, **more: object) -> list[str]:
    page = await caller.done("list_ddl", database_id=database_id, **more)
    return [line["statement"] for line in page["statements"]]


async def test_the_history_tells_who_ran_what_and_when(client: Client) -> None:
    owner, member = client.caller("u1", "7"), client.caller("u2", "7")
    database_id = await owner.create()
    answers = [
        await caller.call("exec_ddl", database_id=database_id, ddl=sql, **more)
        for caller, sql, more in (
            (
                owner,
                'CREATE TABLE "T" (a int);;  -- the first\n COMMENT ON TABLE "T" IS \'x;y\';',
                {},
            ),
            (member, "ALTER TABLE \"T\" ADD b text DEFAULT '值'", {"env": "test"}),
            (member, "CREATE SEQUENCE s; CREATE VIEW v AS SELECT nextval('s')", {}),
            (member, "ALTER TABLE nope ADD b text", {}),
            (member, "CREATE ROLE nobody", {}),
            (client.caller("u3"), 'DROP TABLE "T"', {}),
        )
    ]
    assert [answer["code"] for answer in answers] == [0, 0, 0, 25020, 25040, 25013]
    page = await owner.done("list_ddl", database_id=database_id)
    assert page["next_cursor"] is None
    drawing, sequence, newest, second, first = page["statements"]
    assert drawing["statement"] == "CREATE VIEW v AS SELECT nextval('s')"
    assert sequence["statement"] == "CREATE SEQUENCE s"
    assert newest["statement"] == "ALTER TABLE \"T\" ADD b text DEFAULT '值'"
    assert second["statement"].endswith("COMMENT ON TABLE \"T\" IS 'x;y'")
    assert first["statement"] == 'CREATE TABLE "T" (a int)'
    assert [line["uid"] for line in page["statements"]] == ["u2", "u2", "u2", "u1", "u1"]
    assert {line["space_id"] for line in page["statements"]} == {"7"}
    assert newest["sid"] == answers[1]["sid"]
    assert first["sid"] == second["sid"] == answers[0]["sid"]
    assert [line["environments"] for line in page["statements"][2:]] == [
        ["test"],
        ["prod", "test"],
        ["prod", "test"],
    ]
    assert newest["id"] > second["id"] > first["id"]
    assert newest["create_at"] >= first["create_at"]


async def test_the_history_comes_in_pages(caller: Caller) -> None:
    database_id = await caller.create()
    await ddl(caller, database_id, "; ".join(f"CREATE TABLE t{n} (a int)" for n in range(9)))
    newest_first = [f"CREATE TABLE t{n} (a int)" for n in reversed(range(9))]
    found: list[str] = []
    sizes = []
    cursor = None
    while True:
        page = await caller.done("list_ddl", database_id=database_id, limit=4, cursor=cursor)
        sizes.append(len(page["statements"]))
        found += [line["statement"] for line in page["statements"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await ddl(caller, database_id, f"CREATE TABLE later{len(found)} (a int)")
    assert (sizes, found) == ([4, 4, 1], newest_first)
    exactly = await caller.done("list_ddl", database_id=database_id, limit=11)
    assert (len(exactly["statements"]), exactly["next_cursor"]) == (11, None)


async def test_long_statements_fill_a_page(caller: Caller) -> None:
    """A page is an answer of bounded size, whatever was sent."""
    database_id = await caller.create()
    for name in "abcd":
        comment = name * 700_000
        await ddl(
            caller,
            database_id,
            f"CREATE TABLE {name} (n int); COMMENT ON TABLE {name} IS '{comment}'",
        )
    found: list[str] = []
    cursor = None
    pages = 0
    while pages == 0 or cursor is not None:
        page = await caller.done("list_ddl", database_id=database_id, cursor=cursor)
        assert len(json.dumps(page)) < 1_100_000
        found += [line["statement"][:16] for line in page["statements"]]
        cursor = page["next_cursor"]
        pages += 1
    assert pages == 4
    assert [text for text in found if text.startswith("CREATE")] == [
        f"CREATE TABLE {name} (" for name in "dcba"
    ]


async def test_the_order_of_statements_holds_where_ids_come_round(
    caller: Caller, admin: asyncpg.Connection
) -> None:
    """Ids of one millisecond differ by a sequence that begins again at 0."""
    database_id = await caller.create()
    await admin.execute("SELECT setval('twinbase.id_low_bits', 4080)")
    texts = [f"COMMENT ON TABLE t IS '{n}'" for n in range(60)]
    await ddl(caller, database_id, "; ".join(["CREATE TABLE t (a int)", *texts]), env="test")
    newest_first = await history(caller, database_id, limit=60)
    assert newest_first == texts[::-1]


async def test_a_clone_begins_without_history(caller: Caller) -> None:
    database_id = await caller.create()
    await ddl(caller, database_id, "CREATE TABLE t (a int)")
    copy = await caller.done("clone_database", database_id=database_id, new_database_name="copy")
    assert await history(caller, copy["database_id"]) == []
    await ddl(caller, copy["database_id"], "DROP TABLE t")
    assert await history(caller, copy["database_id"]) == ["DROP TABLE t"]
    assert await history(caller, database_id) == ["CREATE TABLE t (a int)"]


async def test_the_history_is_for_those_who_may_act(client: Client) -> None:
    owner = client.caller("u1", "7")
    database_id = await owner.create()
    await owner.ddl(database_id, "CREATE TABLE t (a int)")
    codes = {
        (uid, space): (await client.caller(uid, space).call("list_ddl", database_id=database_id))[
            "code"
        ]
        for uid, space in (("u1", None), ("u2", "7"), ("u2", None), ("u1", "8"))
    }
    assert codes == {("u1", None): 0, ("u2", "7"): 0, ("u2", None): 25013, ("u1", "8"): 25015}
    missing = await owner.call("list_ddl", database_id=database_id + 1)
    assert missing["code"] == 25015
    await owner.done("drop_database", database_id=database_id)
    assert (await client.caller("u1").call("list_ddl", database_id=database_id))["code"] == 25013


async def test_statements_do_not_go_to_logs(
    caller: Caller,
    database: int,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for sql in (
        "COMMENT ON TABLE items IS 'confidential'",
        "ALTER TABLE items ADD CHECK (name <> 'confidential' AND nope)",
        "ALTER TABLE confidential ADD COLUMN a int",
    ):
        await caller.refused_ddl(database, sql)
    await history(caller, database)
    written = capfd.readouterr()
    assert "confidential" not in written.out + written.err + caplog.text
