"""Refused changes: each kind is told, in a bounded number of rows."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from domain.audit import Actor, Affected, NewAuditEntry, Outcome
from domain.timeouts import Timeouts
from exceptions.errors import ServiceUnavailable
from repository.engine import create_engine
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.refusals import MOST_TOLD, RefusalsOfThisWorker, refusals
from service.settings import Settings
from tests.audited import audited, told
from tests.client import Client, Row, open_client
from tests.http.keys import Keys
from tests.http.verbs import AUDITED, OF_CALLERS, accepted, envelope_of
from tests.operations import locked, with_short_waits
from tests.patience import PATIENCE


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_short_waits(settings)


# What else each may be refused with beside what is missing.
REFUSED: dict[str, tuple[Row, int]] = {
    "create_database": ({"database_name": "orders"}, 25010),
    "create_platform": ({"platform_name": "default", "scopes": ["ddl"]}, 25082),
    "modify_platform": ({"platform_name": "no-such", "is_active": True}, 25080),
    "create_key": ({"platform_name": "no-such"}, 25080),
    "cancel_operation": ({"operation_id": 1}, 25060),
    "revoke_key": ({"prefix": "tb_no_such"}, 25081),
    "set_quota": ({"platform_name": "no-such"}, 25080),
}


async def test_a_refused_change_leaves_its_refusal_only(
    keys: Keys, admin: asyncpg.Connection
) -> None:
    """Of a database that is not there, a name that is taken …"""
    await keys.done("create_database", uid="u1", database_name="orders")
    for verb in sorted(AUDITED):
        before = await audited(admin)
        more, code = REFUSED.get(verb, ({}, 25013))
        body = accepted(verb, 1) | more
        answer = await keys.call(verb, keys.admin_key, **body)
        assert answer["code"] == code, verb
        (row,) = [row for row in await audited(admin) if row not in before]
        assert row == {
            "platform_name": "default",
            "key_prefix": keys.admin_key[:11],
            "uid": body.get("uid"),
            "app_id": None,
            "sid": answer["sid"],
            "verb": verb,
            "database_id": body.get("database_id"),
            "new_database_id": None,
            "target": row["target"],
            "operation_id": body.get("operation_id"),
            "code": code,
            "outcome": "refused",
            "count": 1,
        }


async def test_who_may_not_is_told_of_too(keys: Keys, admin: asyncpg.Connection) -> None:
    """Nobody's key is nobody's act; whose key may not do it, or not for this application, is."""
    reader = await keys.platform("readers", "databases:read", app_ids=["app01"])
    writer = await keys.platform("writers", app_ids=["app01"])
    before = len(await audited(admin))
    for verb in sorted(AUDITED):
        body = accepted(verb, 1)
        assert (await keys.call(verb, None, **body))["code"] == 25022
        assert (await keys.call(verb, reader, **body))["code"] == 25023
        other = {"authorization": f"Bearer {writer}", "x-consumer-username": "app02"}
        answer = await keys.client.post(verb, json=body, headers=other)
        assert envelope_of(answer)["code"] == 25024
        assert (await keys.call(verb, keys.admin_key, nonsense=1))["code"] == 25000
    names = ("verb", "platform_name", "app_id", "code", "outcome")
    assert (await told(admin, *names))[before:] == [
        row
        for verb in sorted(AUDITED)
        for row in (
            (verb, "readers", None, 25023, "refused"),
            (verb, "writers", "app02", 25024, "refused"),
        )
    ]


async def test_reading_and_rows_leave_nothing(client: Client, admin: asyncpg.Connection) -> None:
    for verb in sorted(set(OF_CALLERS) - AUDITED):
        await client.post(verb, json=accepted(verb, 1))
    assert await audited(admin) == []


async def test_sql_that_is_refused(client: Client, admin: asyncpg.Connection) -> None:
    """By the gate, by PostgreSQL, by a lock; each time the change is undone and told."""
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (n integer)")
    for ddl, code in {
        "SELEC": 25030,
        "CREATE EXTENSION postgres_fdw": 25040,
        "CREATE TABLE u (n integer); CREATE TABLE t (n integer)": 25041,
    }.items():
        assert (await caller.refused_ddl(database_id, ddl))["code"] == code
    async with locked(admin, f"test_{database_id}.t"):
        busy = await caller.refused_ddl(database_id, "ALTER TABLE t ADD COLUMN m integer")
    assert busy["code"] == 25017
    shared = await caller.call("set_row_access", database_id=database_id, row_access="space")
    assert shared["code"] == 25000
    assert (await told(admin, "outcome", "code"))[2:] == [
        ("refused", code) for code in (25030, 25040, 25041, 25017, 25000)
    ]


async def test_a_thousand_refusals_are_some_rows(
    settings: Settings, admin: asyncpg.Connection
) -> None:
    """The same is counted; what is varied has some rows, and then is counted without its names."""
    async with open_client(settings) as client:
        alike = [client.call("drop_database", uid="u1", database_id=1) for _ in range(300)]
        varied = [
            client.call("drop_database", uid=f"u{number % 9}", database_id=number)
            for number in range(2, 302)
        ]
        assert {each["code"] for each in await asyncio.gather(*alike, *varied)} == {25013}
        assert len(await audited(admin)) == MOST_TOLD
    rows = await audited(admin)
    assert sum(row["count"] for row in rows) == 600
    counted = {row["database_id"]: row for row in rows if row["count"] > 1}
    assert (counted[1]["count"], counted[1]["uid"]) == (299, "u1")
    assert (counted[None]["count"], counted[None]["uid"]) == (300 - (MOST_TOLD - 1), None)
    assert len(rows) == MOST_TOLD + 2


def refusal(number: int, platform_id: int = 1, code: int = 25013) -> NewAuditEntry:
    return NewAuditEntry(
        Actor(platform_id, f"p{platform_id}", uid="u1"),
        "drop_database",
        f"sid-{number}",
        Affected(database_id=number),
        code,
        Outcome.REFUSED,
    )


@pytest.fixture
async def unit_of_work(database_url: str) -> AsyncIterator[PostgresUnitOfWorkFactory]:
    """That does not wait long for anybody."""
    engine = create_engine(
        database_url, pool_size=1, connect_timeout=PATIENCE, pool_timeout=PATIENCE
    )
    yield PostgresUnitOfWorkFactory(engine, Timeouts(statement=9_000, lock=100))
    await engine.dispose()


async def test_each_key_has_rows_of_its_own_and_each_minute(
    unit_of_work: PostgresUnitOfWorkFactory, admin: asyncpg.Connection
) -> None:
    telling = RefusalsOfThisWorker(unit_of_work)
    for minute in (1, 2):
        for platform_id in (1, 2):
            for number in range(MOST_TOLD + 5):
                await telling.tell(refusal(number, platform_id))
        await telling.end_minute()
        rows = await audited(admin)
        assert len(rows) == minute * 2 * (MOST_TOLD + 1)
        assert sum(row["count"] for row in rows) == minute * 2 * (MOST_TOLD + 5)


async def test_while_postgresql_is_away_they_are_counted(
    unit_of_work: PostgresUnitOfWorkFactory,
    admin: asyncpg.Connection,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """And no more of them than of one minute, however long; then they are told."""
    async with refusals(unit_of_work) as telling:
        async with locked(admin, "twinbase.audit"):
            for _minute in range(3):
                for number in range(2 * MOST_TOLD):
                    await telling.tell(refusal(number, code=ServiceUnavailable.code))
                await telling.tell(refusal(7, platform_id=2))
                await telling.end_minute()
        assert "refusals_not_audited" in capfd.readouterr().err
    rows = await audited(admin)
    assert len(rows) == MOST_TOLD + 2
    assert sum(row["count"] for row in rows) == 3 * (2 * MOST_TOLD + 1)


async def test_the_answer_is_the_same_where_it_cannot_be_told(
    client: Client, admin: asyncpg.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    before: Row = await client.call("drop_database", uid="u1", database_id=1)
    await admin.execute("ALTER TABLE twinbase.audit RENAME TO gone")
    after = await client.call("drop_database", uid="u1", database_id=2)
    assert (after["code"], after["message"]) == (before["code"], before["message"])
    assert "refusals_not_audited" in capfd.readouterr().err
    # A change is never made without its row.
    refused = await client.call("create_database", uid="u1", database_name="orders")
    assert refused["code"] != 0
    assert await admin.fetchval("SELECT count(*) FROM twinbase.database_meta") == 0
    await admin.execute("ALTER TABLE twinbase.gone RENAME TO audit")
