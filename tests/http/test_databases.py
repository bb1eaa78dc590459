"""The verbs on whole databases: what they keep, list and tell."""

import re

import pytest

from tests.client import Caller, Client

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")

# What create_database is given beside the name → description and space of the database.
OPTIONS: dict[str, tuple[dict[str, object], str, str | None]] = {
    "nothing": ({}, "", None),
    "nulls": ({"description": None, "space_id": None}, "", None),
    "empty": ({"description": "", "space_id": ""}, "", None),
    "both": ({"description": "订单;\n:x %s '", "space_id": "77"}, "订单;\n:x %s '", "77"),
    "longest": ({"description": "😀" * 200, "space_id": "s" * 64}, "😀" * 200, "s" * 64),
    "a number for a space": ({"space_id": 77}, "", "77"),
}


async def test_what_is_optional(client: Client) -> None:
    caller = client.caller()
    for number, (case, (options, description, space_id)) in enumerate(OPTIONS.items()):
        name = f"d{number}"
        created = await caller.done("create_database", database_name=name, **options)
        told = await caller.done("get_database", database_id=created["database_id"])
        assert told["database_name"] == name
        assert (told["description"], told["space_id"]) == (description, space_id), case
        assert (told["uid"], told["status"], told["row_access"]) == ("u1", "ready", "own")
        assert STAMP.fullmatch(told["create_at"])
        assert told["create_at"] == told["update_at"]


async def test_descriptions(client: Client) -> None:
    caller = client.caller()
    database_id = await caller.create()
    steps: list[tuple[dict[str, object], str]] = [
        ({"description": "first"}, "first"),
        ({}, "first"),
        ({"description": None}, "first"),
        ({"description": "o'\"second"}, "o'\"second"),
        ({"description": ""}, ""),
    ]
    for given, expected in steps:
        await caller.done("modify_db_description", database_id=database_id, **given)
        told = await caller.done("get_database", database_id=database_id)
        assert told["description"] == expected
        assert told["update_at"] >= told["create_at"]


async def test_an_id_in_a_string(client: Client) -> None:
    caller = client.caller()
    text = str(await caller.create())
    await caller.done("modify_db_description", database_id=text, description="x")
    await caller.done("exec_ddl", database_id=text, ddl="CREATE TABLE t (n int)")
    told = await caller.done("get_database", database_id=text)
    assert told["database_id"] == int(text)
    await caller.done("drop_database", database_id=text)


@pytest.fixture
async def seven(client: Client) -> Caller:
    """Databases d0 … d6 of u1, and one of somebody else's between them."""
    caller = client.caller()
    for number in range(7):
        await caller.create(f"Daten_{number}")
        if number == 3:
            await client.caller("u2").create("Daten_of_u2")
    return caller


async def names(caller: Caller, **options: object) -> list[str]:
    page = await caller.done("list_databases", **options)
    return [line["database_name"] for line in page["databases"]]


async def test_pages(seven: Caller) -> None:
    found: list[str] = []
    cursor = None
    sizes = []
    while True:
        page = await seven.done("list_databases", limit=3, cursor=cursor)
        sizes.append(len(page["databases"]))
        found += [line["database_name"] for line in page["databases"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sizes == [3, 3, 1]
    assert found == [f"Daten_{number}" for number in reversed(range(7))]
    exactly = await seven.done("list_databases", limit=7)
    assert (len(exactly["databases"]), exactly["next_cursor"]) == (7, None)
    as_text = await seven.done("list_databases", limit="3", cursor=str(2**53))
    assert len(as_text["databases"]) == 3


async def test_a_page_is_not_disturbed_by_changes(seven: Caller) -> None:
    """New databases come before the cursor, dropped ones are missing; none is told twice."""
    first = await seven.done("list_databases", limit=3)
    await seven.create("newest")
    gone = first["databases"][-1]["database_id"]
    await seven.done("drop_database", database_id=gone)
    rest = await names(seven, cursor=first["next_cursor"])
    assert rest == ["Daten_3", "Daten_2", "Daten_1", "Daten_0"]


async def test_filter_by_name(seven: Caller) -> None:
    await seven.create("under_score")
    assert await names(seven, name_contains="TEN_5") == ["Daten_5"]
    assert await names(seven, name_contains="r_s") == ["under_score"]
    assert len(await names(seven, name_contains="")) == 8
    for nothing in ("%", "Daten%", "\\", "'", "Daten_of"):
        assert await names(seven, name_contains=nothing) == []


async def test_what_get_database_tells(client: Client) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        'CREATE TABLE "Kinds" ("Name" varchar(20) PRIMARY KEY DEFAULT \'x\', of numeric(10,2)[]);'
        'CREATE TABLE things (kind varchar(20) REFERENCES "Kinds", twice int NOT NULL,'
        " more int GENERATED ALWAYS AS (twice * 2) STORED, UNIQUE (kind, twice));"
        "CREATE INDEX by_twice ON things (twice DESC) WHERE twice > 0;"
        "COMMENT ON TABLE things IS 'all; of: them'; COMMENT ON COLUMN things.twice IS '两倍'",
    )
    tables = await caller.describe(database_id)
    assert tables["prod"] == tables["test"]
    kinds, things = tables["test"]["Kinds"], tables["test"]["things"]
    assert [(c["name"], c["type"], c["managed"]) for c in kinds["columns"]] == [
        ("Name", "character varying(20)", False),
        ("of", "numeric(10,2)[]", False),
        ("id", "bigint", True),
        ("uid", "character varying", True),
    ]
    by_name = {column["name"]: column for column in things["columns"]}
    assert by_name["twice"]["comment"] == "两倍"
    assert (by_name["twice"]["nullable"], by_name["kind"]["nullable"]) == (False, True)
    assert by_name["more"]["generated"]
    assert things["comment"] == "all; of: them"
    told = {key["kind"]: key["definition"] for key in things["keys"]}
    assert told["FOREIGN KEY"] == 'FOREIGN KEY (kind) REFERENCES "Kinds"("Name")'
    assert told["UNIQUE"] == "UNIQUE (kind, twice)"
    assert "by_twice" in {index["name"] for index in things["indexes"]}
    everything = str(tables)
    for ours in ("twinbase", "prod_", "test_"):
        assert ours not in everything
