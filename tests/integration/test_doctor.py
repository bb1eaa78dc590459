"""Each kind of finding is told; mended where that is safe, and otherwise not touched."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from asyncpg import Connection
from structlog.testing import capture_logs

from domain.consistency import OF_METADATA
from domain.operation import OperationKind, OperationStatus
from domain.timeouts import Timeouts
from repository.consistency import Consistency
from repository.engine import create_engine
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from service.sweeping import Telling, sweeping
from service.use_cases.doctor import MendedElsewhere, doctor
from service.use_cases.mend import mend
from tests.catalog import inventory
from tests.client import Client, open_client
from tests.findings import (
    BY_THE_QUEUE,
    MENDED,
    ONLY_TOLD,
    Make,
    Place,
    abandoned_clone,
    contradictory_rows,
    job_without_operation,
    left_right,
    missing_schema,
    operation_without_database,
    operation_without_job,
    unfinished_drop,
    unknown_schema,
)
from tests.patience import PATIENCE

BEAT = 10.0  # seconds: what has no sign of life is of 2026-01-01 here
PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


@pytest.fixture
async def place(database_url: str, admin: Connection) -> AsyncIterator[Place]:
    engine = create_engine(
        database_url, pool_size=2, connect_timeout=PATIENCE, pool_timeout=PATIENCE
    )
    try:
        yield Place(PostgresUnitOfWorkFactory(engine, Timeouts(9_000, 300)), admin)
    finally:
        await engine.dispose()


def test_each_kind_is_made() -> None:
    made = {make.__name__ for make in (*ONLY_TOLD, *MENDED, *BY_THE_QUEUE)}
    assert set(OF_METADATA) <= made


@pytest.mark.parametrize("make", [*ONLY_TOLD, *MENDED, *BY_THE_QUEUE])
async def test_it_is_told(make: Make, place: Place) -> None:
    await place.create("kept")
    assert await doctor(place.unit_of_work, BEAT) == []
    finding = await make(place)
    assert await doctor(place.unit_of_work, BEAT) == [finding]
    assert finding.kind.is_mended is (make not in ONLY_TOLD)
    assert "None" not in finding.what


@pytest.mark.parametrize("make", ONLY_TOLD)
async def test_it_is_not_touched(make: Make, place: Place) -> None:
    finding = await make(place)
    before = await inventory(place.admin)
    assert await mend(place.unit_of_work, BEAT) == 0
    assert await doctor(place.unit_of_work, BEAT) == [finding]
    assert await inventory(place.admin) == before


@pytest.mark.parametrize("make", [unknown_schema, contradictory_rows, left_right])
async def test_what_the_page_says_mends_it(make: Make, place: Place) -> None:
    finding = await make(place)
    (told,) = re.findall(rf"^\| `{finding.kind}` .*`(.+?)`[^`]*$", PAGE, re.MULTILINE)
    await place.admin.execute(told.replace("prod_7", finding.subject.split()[-1]))
    assert await doctor(place.unit_of_work, BEAT) == []


@pytest.mark.parametrize("make", MENDED)
async def test_it_is_mended(make: Make, place: Place) -> None:
    kept = await place.create("kept")
    told = await unknown_schema(place)
    await make(place)
    assert await mend(place.unit_of_work, BEAT) == 1
    assert await doctor(place.unit_of_work, BEAT) == [told]
    for schema in (f"prod_{kept.id}", f"test_{kept.id}", told.subject):
        assert await place.has_schema(schema)


async def test_of_an_abandoned_clone_nothing_is_left(place: Place) -> None:
    finding = await abandoned_clone(place)
    await mend(place.unit_of_work, BEAT)
    assert not await place.has_schema(f"test_{finding.database_id}")
    assert not await place.has_schema(f"prod_{finding.database_id}")
    await place.create("d")  # its name is free


async def test_an_operation_whose_database_is_gone_has_failed(place: Place) -> None:
    finding = await operation_without_database(place)
    await mend(place.unit_of_work, BEAT)
    async with place.unit_of_work() as work:
        operation = await work.operations.find(finding.operation_id or 0)
    assert operation is not None
    assert operation.status is OperationStatus.FAILED
    assert operation.error is not None
    assert operation.error["code"] == 25013


async def test_an_operation_comes_back_into_the_queue(place: Place) -> None:
    finding = await operation_without_job(place)
    await mend(place.unit_of_work, BEAT)
    assert await place.jobs() == [str(finding.operation_id)]


async def test_what_is_cancelled_at_this_moment_is_no_finding(place: Place) -> None:
    """It has no job from the moment when it was asked to end."""
    await operation_without_job(place)
    await place.change("UPDATE twinbase.operation SET update_at = now()")
    assert await doctor(place.unit_of_work, BEAT) == []


async def test_a_drop_that_goes_on_is_no_finding(place: Place) -> None:
    database = await place.create("d")
    await place.begin(OperationKind.DROP_DATABASE, database)
    await place.mark_dropped(database)
    assert await doctor(place.unit_of_work, BEAT) == []
    assert await mend(place.unit_of_work, BEAT) == 0
    assert await place.has_schema(f"test_{database.id}")


async def test_a_worker_takes_the_job_of_what_has_ended(place: Place, settings: Settings) -> None:
    await job_without_operation(place)
    async with open_client(settings):
        deadline = time.monotonic() + PATIENCE
        while await doctor(place.unit_of_work, BEAT):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)


async def test_a_database_whose_schema_is_missing_can_be_dropped(
    place: Place, client: Client
) -> None:
    finding = await missing_schema(place)
    await client.caller("u1").done("drop_database", database_id=finding.database_id)
    assert await doctor(place.unit_of_work, BEAT) == []


async def test_one_worker_mends_at_a_time(place: Place) -> None:
    finding = await unfinished_drop(place)
    async with place.unit_of_work() as work:
        assert await work.consistency.is_alone()
        with pytest.raises(MendedElsewhere):
            await mend(place.unit_of_work, BEAT)
    assert await place.has_schema(finding.subject)
    assert await mend(place.unit_of_work, BEAT) == 1
    assert not await place.has_schema(finding.subject)


async def test_what_cannot_be_mended_now_keeps_nothing_else_from_it(place: Place) -> None:
    drop = await unfinished_drop(place)
    await place.admin.execute(f"CREATE TABLE {drop.subject}.t ()")
    await place.admin.execute(f"ALTER TABLE {drop.subject}.t OWNER TO twinbase_owner")
    clone = await abandoned_clone(place)
    with capture_logs() as logs:
        async with place.admin.transaction():
            await place.admin.execute(f"LOCK TABLE {drop.subject}.t")
            await mend(place.unit_of_work, BEAT)
    assert [(told["event"], told["what"]) for told in logs] == [
        ("not_mended", drop.what),
        ("mended", clone.what),
    ]
    assert await doctor(place.unit_of_work, BEAT) == [drop]


async def test_a_sweep_tells_once_what_it_does_not_mend(place: Place) -> None:
    finding = await unknown_schema(place)
    with capture_logs() as logs:
        telling = Telling(BEAT, pause=0)
        assert [await telling.tell(place.unit_of_work) for _ in range(3)] == [1, 0, 0]
        await place.admin.execute("DROP SCHEMA test_7")
        assert await telling.tell(place.unit_of_work) == 0
        assert await unknown_schema(place) == finding
        assert await telling.tell(place.unit_of_work) == 1
    assert [(told["event"], told["what"]) for told in logs] == [("inconsistent", finding.what)] * 2


async def test_a_sweep_mends_and_tells(place: Place) -> None:
    told, mended = await unknown_schema(place), await unfinished_drop(place)
    with capture_logs() as logs:
        async with sweeping(place.unit_of_work, heartbeat=0.01, first_pause=0.01):
            deadline = time.monotonic() + PATIENCE
            while len(logs) < 4:
                assert time.monotonic() < deadline, logs
                await asyncio.sleep(0.01)
    assert [(each["event"], each.get("what")) for each in logs[:4]] == [
        ("mended", mended.what),
        ("swept", None),
        ("inconsistent", told.what),
        ("swept", None),
    ]


async def test_a_sweep_goes_on_whatever_went_wrong(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nobody else who would begin it again."""
    finding = await unfinished_drop(place)
    looked = 0

    async def fails_once(self: Consistency) -> bool:
        nonlocal looked
        looked += 1
        if looked == 1:
            raise ZeroDivisionError
        return True

    monkeypatch.setattr(Consistency, "is_alone", fails_once)
    with capture_logs() as logs:
        async with sweeping(place.unit_of_work, heartbeat=0.01, first_pause=0.01):
            deadline = time.monotonic() + PATIENCE
            while await place.has_schema(finding.subject):
                assert time.monotonic() < deadline, logs
                await asyncio.sleep(0.01)
    assert (logs[0]["event"], logs[0]["sweep"]) == ("not_swept", "mend")


async def test_a_sweep_looks_at_tables_too(place: Place, client: Client) -> None:
    database_id = await client.caller("u1").create()
    await client.caller("u1").ddl(database_id, "CREATE TABLE t (n integer)")
    await place.admin.execute(f"DROP POLICY twinbase_rows ON prod_{database_id}.t")
    telling = Telling(BEAT, pause=0)
    with capture_logs() as logs:
        async with place.unit_of_work() as work:
            assert await work.consistency.is_alone()
            assert await telling.tell(place.unit_of_work) == 0  # another worker does
        assert [await telling.tell(place.unit_of_work) for _ in range(2)] == [1, 0]
    (told,) = [each for each in logs if each["event"] == "inconsistent"]
    assert told["kind"] == "wrong_policy"
    # Which table it is, is a name that a tenant chose: the doctor tells it.
    assert (told["database_id"], "what" in told) == (database_id, False)
