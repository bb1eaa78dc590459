"""Which errors are the answer for good, and which are forgotten; and when an answer is."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from domain.timeouts import Timeouts
from exceptions.errors import TwinbaseError
from repository.engine import create_engine
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from service.sweeping import sweeping
from tests.catalog import until_waiting
from tests.client import Client, Row, open_client
from tests.http.test_envelope import kinds_of
from tests.http.verbs import accepted
from tests.keyed import count, dml, keys, sent
from tests.patience import PATIENCE

pytestmark = pytest.mark.usefixtures("nothing_by_itself")

TABLE = "CREATE TABLE t (n integer UNIQUE)"
INSERT = "INSERT INTO t (n) VALUES (1)"
SLOW = "SELECT count(*) FROM generate_series(1, 1000000000)"
SLOW_DDL = f"CREATE TABLE u AS {SLOW}"


@pytest.fixture
async def database_id(client: Client) -> int:
    database_id = await client.caller().create()
    await client.caller().ddl(database_id, TABLE)
    return database_id


@pytest.fixture
async def impatient(settings: Settings) -> AsyncIterator[Client]:
    async with open_client(settings.model_copy(update={"lock_timeout_ms": 300})) as opened:
        yield opened


def of(verb: str, database_id: int, **changed: object) -> tuple[str, Row]:
    return verb, accepted(verb, database_id) | changed


def errors_of(database_id: int) -> dict[str, tuple[tuple[str, Row], int]]:
    return {
        "name taken": (of("create_database", 0, database_name="orders"), 25010),
        "no such database": (of("drop_database", database_id + 1), 25013),
        "no such database, with SQL": (("exec_dml", dml(database_id + 1, INSERT)), 25013),
        "not of the space": (of("set_row_access", database_id, space_id="9"), 25015),
        "no space to share with": (of("set_row_access", database_id, row_access="space"), 25000),
        "syntax": (("exec_dml", dml(database_id, "INSER INTO t")), 25030),
        "refused by the gate": (("exec_dml", dml(database_id, "SELECT pg_sleep(1)")), 25050),
        "no such table": (("exec_dml", dml(database_id, "SELECT * FROM tt")), 25020),
        "no such column": (("exec_dml", dml(database_id, "SELECT m FROM t")), 25051),
        "a constraint": (
            ("exec_dml", dml(database_id, "INSERT INTO t (n) VALUES (1), (1)")),
            25051,
        ),
        "a parameter is missing": (("exec_dml", dml(database_id, "SELECT $1", params=[])), 25000),
        "a wrong parameter": (
            ("exec_dml", dml(database_id, "SELECT n + $1 FROM t", params=["x"])),
            25000,
        ),
        "DDL that fails": (of("exec_ddl", database_id, ddl="CREATE TABLE t (a int)"), 25041),
        "DDL that is refused": (of("exec_ddl", database_id, ddl="CREATE ROLE r"), 25040),
        "name taken by a clone": (
            of("clone_database", database_id, new_database_name="orders"),
            25010,
        ),
    }


async def test_an_error_that_would_come_again_is_the_answer(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    """Also when it would not come any more."""
    cases = errors_of(database_id)
    first = {}
    for number, (case, ((verb, body), code)) in enumerate(cases.items()):
        first[case], replayed = await sent(client, verb, body, f"k{number}")
        assert (first[case].code, replayed) == (code, False), case
    without = {case: (await sent(client, *request))[0] for case, (request, _) in cases.items()}
    assert without == first
    await client.caller().done("drop_database", database_id=database_id)
    for number, (case, ((verb, body), _)) in enumerate(cases.items()):
        assert await sent(client, verb, body, f"k{number}") == (first[case], True), case
    assert sorted((await keys(admin)).values()) == sorted(code for _, code in cases.values())


async def test_wrong_fields_are_no_answer(client: Client, admin: asyncpg.Connection) -> None:
    for _ in range(2):
        told, replayed = await sent(client, "exec_dml", dml(0, INSERT), "k")
        assert (told.code, replayed) == (25000, False)
    assert await keys(admin) == {}


@pytest.mark.parametrize("verb", ["exec_dml", "exec_ddl", "modify_db_description"])
async def test_who_finds_it_busy_may_come_again(
    verb: str, impatient: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    body = (
        dml(database_id, INSERT) if verb == "exec_dml" else accepted(verb, database_id)
    )  # fmt: skip
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE test_{database_id}.t; LOCK TABLE twinbase.database_meta")
        assert (await sent(impatient, verb, body, "k"))[0].code == 25017
    assert await keys(admin) == {}
    told, replayed = await sent(impatient, verb, body, "k")
    assert (told.code, replayed) == (0, False)


async def test_so_may_whoever_took_too_long(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    for verb, body in (
        ("exec_dml", dml(database_id, SLOW, timeout_ms=50)),
        ("exec_ddl", accepted("exec_ddl", database_id) | {"ddl": SLOW_DDL, "timeout_ms": 50}),
    ):
        assert (await sent(client, verb, body, "k"))[0].code == 25031
    assert await keys(admin) == {}


async def test_so_may_whoever_was_cancelled(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    body = dml(database_id, INSERT)
    headers = {"X-Request-Id": "of-this-one", "Idempotency-Key": "k"}
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE test_{database_id}.t")
        waiting = asyncio.create_task(client.post("exec_dml", json=body, headers=headers))
        await until_waiting(admin, sessions=1)
        cancel = {"uid": "u1", "database_id": database_id, "sid": "of-this-one"}
        assert (await client.call("cancel_statement", **cancel))["code"] == 0
        assert (await waiting).json()["code"] == 25032
    assert await keys(admin) == {}
    told, replayed = await sent(client, "exec_dml", body, "k")
    assert (told.code, replayed) == (0, False)
    assert await count(admin, database_id) == 1


async def test_who_repeats_it_meanwhile_waits_and_is_told_that_it_is_under_way(
    client: Client, impatient: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    """In the same worker, and in another one: until the first one ends, or the time is over."""
    body = dml(database_id, INSERT)
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE test_{database_id}.t")
        first = asyncio.create_task(sent(client, "exec_dml", body, "k"))
        await until_waiting(admin, sessions=1)
        second = asyncio.create_task(sent(client, "exec_dml", body, "k"))
        busy, _ = await sent(impatient, "exec_dml", body, "k")
        again, _ = await sent(impatient, "exec_dml", body, "k")
        assert not second.done()
    assert busy == again
    assert (busy.code, "still under way" in busy.message) == (25017, True)
    told, replayed = await first
    assert (told.code, replayed) == (0, False)
    assert await second == (told, True)
    assert await sent(impatient, "exec_dml", body, "k") == (told, True)
    assert await count(admin, database_id) == 1


async def test_after_24_hours_a_key_is_new(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    for verb, body in (
        ("exec_dml", dml(database_id, "INSERT INTO t (n) SELECT count(*) FROM t")),
        ("modify_db_description", accepted("modify_db_description", database_id)),
    ):
        first, _ = await sent(client, verb, body, verb)
        kept = await admin.fetchval(
            "SELECT expires_at - create_at = interval '24 hours'"
            " FROM twinbase.idempotency_key WHERE key = $1",
            verb,
        )
        assert kept
        await admin.execute("UPDATE twinbase.idempotency_key SET expires_at = now()")
        second, replayed = await sent(client, verb, body, verb)
        assert (second.code, replayed) == (0, False)
        assert await sent(client, verb, body, verb) == (second, True)
        assert (first == second) == (verb != "exec_dml")
    assert await count(admin, database_id) == 2
    await admin.execute("UPDATE twinbase.idempotency_key SET expires_at = now()")
    other = accepted("create_database")
    assert (await sent(client, "create_database", other, "exec_dml"))[0].code == 0
    assert await admin.fetchval("SELECT count(*) FROM twinbase.idempotency_key") == 2


async def test_expired_answers_are_forgotten(
    client: Client, admin: asyncpg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By several workers at a time, some at a time, while one of them is claimed anew."""
    monkeypatch.setattr("service.use_cases.forget_answers._AT_A_TIME", 7)
    await admin.execute(
        "INSERT INTO twinbase.idempotency_key (uid, key, fingerprint, code, expires_at)"
        " SELECT 'u' || g, 'k', '', 0, now() + (g - 100) * interval '1 hour'"
        " FROM generate_series(1, 120) AS g"
    )
    engine = create_engine(
        database_url, pool_size=2, connect_timeout=PATIENCE, pool_timeout=PATIENCE
    )
    unit_of_work = PostgresUnitOfWorkFactory(engine, Timeouts(statement=9_000, lock=9_000))
    held = "SELECT FROM twinbase.idempotency_key WHERE uid = 'u5' FOR UPDATE"
    left = "SELECT array_agg(substr(uid, 2)::integer ORDER BY expires_at) FROM twinbase.idempotency_key"
    try:
        async with admin.transaction():
            await admin.execute(held)
            async with sweeping(unit_of_work, 0.01), sweeping(unit_of_work, 0.01):
                async with asyncio.timeout(PATIENCE):
                    while await admin.fetchval(left) != [5, *range(101, 121)]:
                        pass
    finally:
        await engine.dispose()
    assert await client.caller("u5").create()


def test_whatever_is_not_the_callers_is_forgotten() -> None:
    kinds = kinds_of(TwinbaseError)
    assert [kind for kind in kinds if kind.http_status >= 500 and not kind.is_passing] == []
    told_to_try_again = [kind for kind in kinds if "try again" in kind.default_message()]
    assert [kind for kind in told_to_try_again if not kind.is_passing] == []
    assert len(told_to_try_again) >= 3
