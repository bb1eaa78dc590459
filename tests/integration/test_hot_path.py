"""What one light exec_dml costs in connections, round trips and metadata queries."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.settings import Settings
from tests.client import Caller, open_client
from tests.wire import Wire, counted

pytestmark = pytest.mark.usefixtures("nothing_by_itself")


@pytest.fixture
async def wired(database_url: str) -> AsyncIterator[tuple[str, Wire]]:
    """What listens goes by another way, and is not counted."""
    with tempfile.TemporaryDirectory(prefix="tb-wire-", dir="/tmp") as folder:
        async with counted(database_url, Path(folder)) as opened:
            yield opened


@pytest.fixture
async def counting(
    wired: tuple[str, Wire], direct_url: str
) -> AsyncIterator[tuple[Caller, int, Wire]]:
    """A caller, his database with one table and one row, and the count after a first statement."""
    url, wire = wired
    settings = Settings(
        database_url=SecretStr(url), direct_url=SecretStr(direct_url), database_connections=6
    )
    async with open_client(settings) as client:
        caller = client.caller()
        database_id = await caller.create()
        await caller.ddl(database_id, "CREATE TABLE t (a int)")
        await caller.dml(database_id, "INSERT INTO t (a) VALUES (1)")
        await caller.dml(database_id, "SELECT * FROM t")
        wire.reset()
        yield caller, database_id, wire


@pytest.mark.direct(reason="behind PgBouncer no statement is kept prepared")
@pytest.mark.parametrize(
    "dml",
    [
        "SELECT a FROM t",
        "SELECT * FROM t LIMIT 5",
        "INSERT INTO t (a) SELECT 2",
        "UPDATE t SET a = a + 3",
        "DELETE FROM t",
    ],
)
async def test_a_light_statement_takes_two_round_trips_and_then_one(
    counting: tuple[Caller, int, Wire], dml: str
) -> None:
    """A query of metadata would be one more."""
    caller, database_id, wire = counting
    for expected in (2, 1, 1):
        wire.reset()
        await caller.dml(database_id, dml)
        assert (wire.connections, wire.round_trips) == (0, expected)


@pytest.mark.direct(reason="behind PgBouncer no statement is kept prepared")
@pytest.mark.parametrize(
    "dml",
    [
        "SELECT * FROM t WHERE a = {}",
        "INSERT INTO t (a) VALUES ({}), (5)",
        "UPDATE t SET a = {}",
        "DELETE FROM t WHERE a IN ({}, 5)",
    ],
)
async def test_so_does_one_with_other_literals_from_the_second_on(
    counting: tuple[Caller, int, Wire], dml: str
) -> None:
    caller, database_id, wire = counting
    for number, expected in enumerate((2, 2, 1, 1)):
        wire.reset()
        await caller.dml(database_id, dml.format(number))
        assert (wire.connections, wire.round_trips) == (0, expected)


@pytest.mark.direct(reason="behind PgBouncer no statement is kept prepared")
async def test_other_values_cost_no_round_trip(counting: tuple[Caller, int, Wire]) -> None:
    caller, database_id, wire = counting
    for value, expected in ((1, 2), (2, 1), (3, 1)):
        wire.reset()
        await caller.dml(database_id, "SELECT * FROM t WHERE a = $1", params=[value])
        assert wire.round_trips == expected


async def test_several_statements_share_their_transactions_round_trips(
    counting: tuple[Caller, int, Wire],
) -> None:
    """One to begin, two for each, one to commit."""
    caller, database_id, wire = counting
    await caller.dml(database_id, "INSERT INTO t (a) VALUES (2); SELECT * FROM t")
    assert wire.round_trips == 6


@pytest.mark.direct(reason="behind PgBouncer no statement is kept prepared")
async def test_only_a_key_costs_round_trips(counting: tuple[Caller, int, Wire]) -> None:
    """Three to look for it, begin, claim, become the tenant, two for the statement, three to end."""
    caller, database_id, wire = counting
    insert = "INSERT INTO t (a) SELECT 2"
    await caller.dml(database_id, insert)
    await caller.dml(database_id, insert, idempotency_key="first")
    for key, expected in (("second", 11), ("second", 3), (None, 1)):
        wire.reset()
        await caller.dml(database_id, insert, idempotency_key=key)
        assert (wire.connections, wire.round_trips) == (0, expected)


async def test_a_change_takes_one_round_trip_for_the_audit(
    counting: tuple[Caller, int, Wire],
) -> None:
    """Five without it. A refusal takes three, a transaction; what is refused again, none."""
    caller, database_id, wire = counting
    counts: dict[str, list[int]] = {"own": [], "space": []}
    for access in (*["own"] * 3, *["space"] * 3):  # which this database has not got
        wire.reset()
        await caller.call("set_row_access", database_id=database_id, row_access=access)
        counts[access].append(wire.round_trips)
    assert counts["own"][1:] == [6, 6]
    assert counts["space"] == [4 + 3, 4, 4]


async def test_a_database_is_looked_up_once(counting: tuple[Caller, int, Wire]) -> None:
    caller, _, wire = counting
    other = await caller.create("other")
    wire.reset()
    await caller.dml(other, "SELECT 1 AS one")
    first = wire.round_trips
    wire.reset()
    await caller.dml(other, "SELECT 1 AS one")
    assert wire.round_trips < first
    assert wire.round_trips <= 4


async def test_refused_sql_never_reaches_postgresql(counting: tuple[Caller, int, Wire]) -> None:
    caller, database_id, wire = counting
    answer = await caller.refused_dml(database_id, "SELECT pg_sleep(1)")
    assert answer["code"] == 25050
    assert wire.round_trips == 0


async def test_the_memory_of_databases_is_bounded(database_url: str) -> None:
    """With room for one, two databases in turn are looked up again; answers stay right."""
    settings = Settings(
        database_url=SecretStr(database_url), database_connections=6, cached_databases=1
    )
    async with open_client(settings) as client:
        caller = client.caller()
        first, second = await caller.create("first"), await caller.create("second")
        for database_id in (first, second, first, second):
            assert await caller.dml(database_id, "SELECT 1 AS one") == [{"one": 1}]


async def test_a_drop_elsewhere_is_known_at_once_or_on_the_next_statement(
    settings: Settings,
) -> None:
    async with open_client(settings) as here, open_client(settings) as elsewhere:
        caller = here.caller()
        database_id = await caller.create()
        await caller.ddl(database_id, "CREATE TABLE t (a int)")
        await caller.dml(database_id, "SELECT * FROM t")
        await elsewhere.caller().done("drop_database", database_id=database_id)
        # Whether the notice has arrived or not: the table is gone, so the database is asked for.
        assert (await caller.refused_dml(database_id, "SELECT * FROM t"))["code"] == 25013


async def test_too_few_connections_are_a_clean_refusal(database_url: str) -> None:
    settings = Settings(
        database_url=SecretStr(database_url),
        database_connections=6,
        pool_timeout=0.2,
        turn_timeout=0.2,
    )
    async with open_client(settings) as client:
        caller = client.caller()
        database_id = await caller.create()
        slow = "SELECT count(*) AS n FROM generate_series(1, 4000000)"
        answers = await asyncio.gather(*(caller.refused_dml(database_id, slow) for _ in range(8)))
        codes = {answer["code"] for answer in answers}
        assert 0 in codes
        assert codes - {0} <= {25018, 25503}
        assert len(codes) > 1
        assert await caller.dml(database_id, "SELECT 1 AS one") == [{"one": 1}]
