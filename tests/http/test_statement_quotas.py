"""So many statements a second and at a time, in all workers together."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from time import monotonic

import pytest
from asyncpg import Connection

from service.settings import Settings
from tests.client import Caller, Client, Row, open_client
from tests.patience import eventually

TOO_FAST, TOO_MANY_AT_ONCE = 25071, 25072
LONG = "SELECT count(*) FROM generate_series(1, 1000000000)"
ONE = "SELECT 1 AS one"


@pytest.fixture
async def workers(settings: Settings) -> AsyncIterator[tuple[Client, Client]]:
    async with open_client(settings) as first, open_client(settings) as second:
        yield first, second


async def quota(client: Client, **most: object) -> None:
    told = await client.call("set_quota", **{"platform_name": "default", **most})
    assert told["code"] == 0, told


async def codes(callers: list[Caller], database: int, number: int) -> list[int]:
    """Of so many requests at a time, by one after the other of the callers."""
    told = await asyncio.gather(
        *(callers[each % len(callers)].refused_dml(database, ONE) for each in range(number))
    )
    return sorted(each["code"] for each in told)


async def test_so_many_a_second_in_all_workers(workers: tuple[Client, Client]) -> None:
    most = 20
    callers = [worker.caller() for worker in workers]
    database = await callers[0].create()
    await quota(workers[0], statements_per_second=most)
    began = monotonic()
    passed = 0
    for _ in range(10):
        passed += (await codes(callers, database, 40)).count(0)
        await asyncio.sleep(0.1)
    seconds = monotonic() - began
    # A second's worth is there at the beginning, and what a worker has taken in advance.
    assert most * 0.5 * seconds < passed <= most * (seconds + 1) + 4


async def test_how_long_to_wait_is_told(client: Client) -> None:
    caller = client.caller()
    database = await caller.create()
    await quota(client, uid="u1", statements_per_second=2)
    body = {"uid": "u1", "database_id": database, "app_id": "a", "env": "test", "dml": ONE}
    answers = [await client.post("exec_dml", json=body) for _ in range(6)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    told = refused.json()
    assert told["code"] == TOO_FAST
    error = told["data"]["error"]
    assert (error["resource"], error["limit"], error["of"]) == ("statements_per_second", 2, "uid")
    assert 0 < error["retry_after"] <= 0.5
    assert refused.headers["retry-after"] == "1"
    await asyncio.sleep(error["retry_after"] + 0.1)
    await caller.dml(database, ONE)
    other = client.caller("u2")
    assert await codes([other], await other.create(), 6) == [0] * 6


async def test_each_statement_of_a_request_counts(client: Client) -> None:
    caller = client.caller()
    database = await caller.create()
    await quota(client, statements_per_second=5)
    began = monotonic()
    assert len(await caller.dml(database, ";".join([ONE] * 20))) == 20

    async def is_served() -> bool:
        code = (await caller.refused_dml(database, ONE))["code"]
        assert code in {0, TOO_FAST}
        return not code

    await eventually(is_served)
    assert monotonic() - began > 2  # 15 more than a second's worth at five a second


async def test_each_statement_of_ddl_counts(client: Client) -> None:
    caller = client.caller()
    database = await caller.create()
    await quota(client, statements_per_second=5)
    await caller.ddl(database, ";".join(f"CREATE TABLE t{each} (n integer)" for each in range(20)))
    told = await caller.refused_dml(database, ONE)
    assert told["code"] == TOO_FAST
    assert told["data"]["error"]["retry_after"] > 1


async def test_none_at_all(client: Client) -> None:
    caller = client.caller()
    database = await caller.create()
    await quota(client, statements_per_second=0)
    told = await caller.refused_dml(database, ONE)
    assert told["code"] == TOO_FAST
    assert "retry_after" not in told["data"]["error"]
    told = await caller.refused_ddl(database, "CREATE TABLE t (n integer)")
    assert told["code"] == TOO_FAST


async def test_a_clock_that_is_set_back_gives_nothing(client: Client, admin: Connection) -> None:
    caller = client.caller()
    database = await caller.create()
    await quota(client, statements_per_second=3)
    began = monotonic()
    passed = (await codes([caller], database, 20)).count(0)
    assert 3 <= passed <= 4 + 3 * (monotonic() - began)
    await admin.execute(
        "UPDATE twinbase.statement_bucket SET refilled_at = now() + interval '1 hour'"
    )
    await asyncio.sleep(1)
    assert (await codes([caller], database, 20)).count(0) == 0
    await asyncio.sleep(1)
    assert (await codes([caller], database, 20)).count(0) > 0


async def running(admin: Connection, number: int) -> None:
    query = (
        "SELECT count(*) = $2 FROM pg_stat_activity WHERE query LIKE $1 AND state = 'active'"
        " AND pid <> pg_backend_pid() AND datname = current_database()"
    )
    await eventually(partial(admin.fetchval, query, f"%{LONG[:40]}%", number))


async def test_so_many_at_a_time_in_all_workers(
    workers: tuple[Client, Client], admin: Connection
) -> None:
    first, second = (worker.caller() for worker in workers)
    database = await first.create()
    await quota(workers[0], concurrent_statements=2)
    slow = [asyncio.create_task(caller.refused_dml(database, LONG)) for caller in (first, second)]
    await running(admin, 2)
    for caller in (first, second):
        told: Row = await caller.refused_dml(database, ONE)
        assert told["code"] == TOO_MANY_AT_ONCE
        assert told["data"]["error"] | {"used": 2} == {
            "resource": "concurrent_statements",
            "limit": 2,
            "used": 2,
            "of": "platform",
            "retry_after": 1.0,
        }
    # Who hangs up gives his place back.
    slow[0].cancel()
    await running(admin, 1)
    await until_served(second, database)
    slow[1].cancel()
    await running(admin, 0)
    await until_served(first, database)
    assert await codes([first, second], database, 2) == [0, 0]


async def until_served(caller: Caller, database: int) -> None:
    async def is_served() -> bool:
        return not (await caller.refused_dml(database, ONE))["code"]

    await eventually(is_served)


async def test_one_after_the_other_is_one_at_a_time(workers: tuple[Client, Client]) -> None:
    callers = [worker.caller() for worker in workers]
    database = await callers[0].create()
    await quota(workers[0], concurrent_statements=1)
    for number in range(40):
        await callers[number % 2].dml(database, ONE)


async def test_a_lost_session_keeps_nobody_out(
    workers: tuple[Client, Client], admin: Connection
) -> None:
    """As a worker that is killed: its locks end with it."""
    first, second = (worker.caller() for worker in workers)
    database = await first.create()
    await quota(workers[0], concurrent_statements=1)
    slow = asyncio.create_task(first.refused_dml(database, LONG))
    await running(admin, 1)
    assert (await second.refused_dml(database, ONE))["code"] == TOO_MANY_AT_ONCE
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'twinbase listening' AND datname = current_database()"
    )
    await until_served(second, database)
    # The worker that runs it still knows that it does.
    assert (await first.refused_dml(database, ONE))["code"] == TOO_MANY_AT_ONCE
    slow.cancel()
    await running(admin, 0)
    await until_served(first, database)


VAST = [2**31 - 1, 2**31, 2**62]


@pytest.mark.parametrize("most", VAST)
async def test_more_a_second_than_anybody_runs(client: Client, most: int) -> None:
    caller = client.caller()
    database = await caller.create()
    await quota(client, statements_per_second=most)
    for _ in range(2):  # a bucket that is new, and one that is there
        assert await codes([caller], database, 4) == [0] * 4
        await asyncio.sleep(1.1)


@pytest.mark.parametrize("most", VAST)
async def test_more_at_a_time_than_anybody_runs(
    client: Client, admin: Connection, most: int
) -> None:
    """Each still holds a lock, and finding a free one takes no longer than of few."""
    caller = client.caller()
    database = await caller.create()
    await quota(client, concurrent_statements=most)
    slow = asyncio.create_task(caller.refused_dml(database, LONG))
    await running(admin, 1)
    held = await admin.fetchval(
        "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
        " WHERE l.locktype = 'advisory' AND a.application_name = 'twinbase listening'"
        " AND a.datname = current_database()"
    )
    slow.cancel()
    await running(admin, 0)
    assert held == 1


async def test_a_higher_quota_is_heeded_at_once(client: Client) -> None:
    """Also by whoever was told to wait long, having run many statements in advance."""
    caller = client.caller()
    database = await caller.create()
    await quota(client, statements_per_second=1)
    await caller.dml(database, ";".join([ONE] * 100))
    told = await caller.refused_dml(database, ONE)
    assert told["code"] == TOO_FAST
    assert told["data"]["error"]["retry_after"] > 60
    await quota(client, statements_per_second=1_000)
    began = monotonic()
    await until_served(caller, database)
    assert monotonic() - began < told["data"]["error"]["retry_after"]
