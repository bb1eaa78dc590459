"""list_audit: pages, filters, and what it refuses; of two workers at a time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from asyncpg import Connection

from service.settings import Auth, Settings
from tests.client import Row, open_client
from tests.http.keys import Keys

NAMES = ("alfa", "bravo", "charlie", "delta", "echo")


async def listed(keys: Keys, **asked: object) -> list[Row]:
    """All pages."""
    entries: list[Row] = []
    cursor = None
    while True:
        page = await keys.done("list_audit", **asked, cursor=cursor)
        entries += page["entries"]
        cursor = page["next_cursor"]
        if cursor is None:
            return entries
        assert len(page["entries"]) == asked.get("limit", 50)
        assert cursor == entries[-1]["id"]


@pytest.fixture
async def databases(keys: Keys) -> dict[str, int]:
    """By name; of three uids."""
    made = {}
    for number, name in enumerate(NAMES):
        body = {"uid": f"u{number % 3}", "database_name": name}
        made[name] = int((await keys.done("create_database", **body))["database_id"])
    return made


async def test_newest_first_in_pages(keys: Keys, databases: dict[str, int]) -> None:
    for limit in (1, 2, 5, 6, 50):
        entries = await listed(keys, verb="create_database", limit=limit)
        assert [entry["target"] for entry in entries] == list(reversed(NAMES))
        assert [entry["database_id"] for entry in entries] == list(reversed(databases.values()))
    moments = [datetime.fromisoformat(entry["at"]) for entry in entries]
    assert moments == sorted(moments, reverse=True)
    assert abs(moments[0] - datetime.now(UTC)) < timedelta(seconds=60)


async def test_filters(keys: Keys, databases: dict[str, int]) -> None:
    workflows = await keys.platform("workflows")
    await keys.done("create_database", workflows, uid="u1", database_name="theirs")
    alfa = {"uid": "u0", "database_id": databases["alfa"]}
    cloned = await keys.done("clone_database", **alfa, new_database_name="copy")
    await keys.done("modify_db_description", **alfa, description="d")
    everything = await listed(keys)
    (middle,) = [entry for entry in everything if entry["target"] == "charlie"]
    by = {
        "uid": ({"uid": "u1"}, {"theirs", "bravo", "echo"}),
        "platform": ({"platform_name": "workflows"}, {"theirs"}),
        "verb": ({"verb": "create_platform"}, {"workflows"}),
        "two": ({"verb": "create_database", "uid": "u1"}, {"theirs", "bravo", "echo"}),
        "target": ({"target": "delta"}, {"delta"}),
        "sid": ({"sid": middle["sid"]}, {"charlie"}),
        "source": ({"database_id": databases["alfa"]}, {"alfa", "copy", None}),
        "copy": ({"database_id": cloned["database_id"]}, {"copy"}),
        "from": ({"from": middle["at"], "verb": "create_database"}, {*NAMES[2:], "theirs"}),
        "to": ({"to": middle["at"], "verb": "create_database"}, set(NAMES[:2])),
        "nothing": ({"uid": "nobody"}, set()),
        "another time": ({"from": "2999-01-01T00:00:00+08:00"}, set()),
    }
    found = {
        name: {entry["target"] for entry in await listed(keys, **asked)}
        for name, (asked, _) in by.items()
    }
    assert found == {name: expected for name, (_, expected) in by.items()}
    assert len(everything) == 12  # the platform and its key, six databases, two rows of the clone …


REFUSED: dict[str, Row] = {
    "from": {"from": "2026-01-01T00:00:00"},  # of which time zone?
    "to": {"from": "2026-01-02T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
    "limit": {"limit": 201},
    "cursor": {"cursor": "x"},
    "database_id": {"database_id": 0},
    "uid": {"uid": ""},
    "sid": {"sid": "a\0"},
    "verb": {"verb": ["create_database"]},
    "since": {"since": "2026-01-01T00:00:00Z"},
    "platform": {"platform": "default"},
}


async def test_bad_input(keys: Keys) -> None:
    for field, body in REFUSED.items():
        told = await keys.call("list_audit", keys.admin_key, **body)
        assert (told["status"], told["code"]) == (400, 25000), field
        assert told["message"].startswith(f"{field}: ")


async def test_only_for_admins(keys: Keys) -> None:
    """Also where it is one's own platform that one asks about."""
    scopes = ["databases:read", "databases:write", "ddl", "dml:read", "dml:write", "data"]
    key = await keys.platform("workflows", *scopes)
    told = await keys.call("list_audit", key, platform_name="workflows")
    assert told["code"] == 25023


async def test_two_workers_write_and_either_tells(
    keys: Keys, settings: Settings, admin: Connection
) -> None:
    with_keys = settings.model_copy(update={"auth": Auth.KEYS})
    async with open_client(with_keys) as other:
        workers = (keys, Keys(other, keys.admin_key))
        await asyncio.gather(
            *(
                workers[number % 2].done("create_database", uid="u1", database_name=f"d{number}")
                for number in range(20)
            )
        )
        told = [await listed(worker, verb="create_database", limit=7) for worker in workers]
    assert told[0] == told[1]
    assert sorted(entry["target"] for entry in told[0]) == sorted(f"d{n}" for n in range(20))
    ids = [entry["id"] for entry in told[0]]
    assert ids == sorted(set(ids), reverse=True)
