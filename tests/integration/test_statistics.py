"""Figures in PostgreSQL: nothing is lost or counted twice, however often and by whom it is written."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from domain.histogram import LARGEST_ERROR, percentiles
from domain.platform import DEFAULT_PLATFORM_ID
from domain.ports import UnitOfWork
from domain.statistics import NO_PLATFORM, Figures, Keeping, RequestKey
from exceptions.errors import ServiceUnavailable
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from service.tally import RequestTally
from service.use_cases.forget_operations import forget_operations
from service.use_cases.forget_statistics import forget_statistics
from service.use_cases.get_statistics import GetStatistics, Statistics, get_statistics
from tests.client import open_client
from tests.patience import PATIENCE

SELECTED: RequestKey = (DEFAULT_PLATFORM_ID, "exec_dml", 0)
REFUSED: RequestKey = (DEFAULT_PLATFORM_ID, "exec_dml", 25050)
KEEPING = Keeping()
UNKNOWN: RequestKey = (NO_PLATFORM, "unknown", 25001)


def counted(tally: RequestTally, key: RequestKey, *seconds: float) -> None:
    for each in seconds:
        tally.count(key, each, rows_in=1, rows_out=2, bytes_in=30, bytes_out=40)


async def told(unit_of_work: Any, **asked: timedelta) -> Statistics:
    """Of all, by a worker that has counted nothing itself; ``asked``: how long ago, and step."""
    async with unit_of_work() as work:
        now = (await work.statistics.kept(KEEPING)).now
    command = GetStatistics(
        platform_name=None,
        verb=None,
        since=now - asked.get("since", timedelta(hours=1)),
        until=None,
        step=asked.get("step"),
    )
    return await get_statistics(command, unit_of_work, RequestTally(unit_of_work), KEEPING)


async def whole(unit_of_work: Any, **asked: timedelta) -> Figures:
    return (await told(unit_of_work, **asked)).by_verb.whole


async def test_percentiles_of_many_workers_are_near_the_exact_ones(
    unit_of_work: PostgresUnitOfWorkFactory, admin: asyncpg.Connection
) -> None:
    """Also when their histograms have been added up in between."""
    chance = random.Random(5)  # noqa: S311 - no secret
    workers = [RequestTally(unit_of_work) for _ in range(3)]
    times = []
    for _ in range(30):
        for worker in workers:
            some = [chance.lognormvariate(-5, 1.5) for _ in range(40)]
            counted(worker, SELECTED, *some)
            await worker.write()
            times += some
    figures = await told(unit_of_work)
    found = figures.by_verb.whole.counted
    assert (found.requests, found.rows_in, found.rows_out) == (3600, 3600, 7200)
    assert (found.bytes_in, found.bytes_out) == (3600 * 30, 3600 * 40)
    assert found.seconds == pytest.approx(sum(times))
    times.sort()
    for percent, seconds in zip(
        (50, 95, 99), percentiles(found.histogram, (50, 95, 99)), strict=True
    ):
        exact = times[3600 * percent // 100 - 1]
        assert abs(seconds - exact) <= exact * LARGEST_ERROR
    longest = await admin.fetchval(
        "SELECT max(cardinality(buckets)) FROM twinbase.request_statistics"
    )
    assert longest < 64 + 124


async def test_workers_that_write_at_once_wait_for_each_other_and_not_for_ever(
    unit_of_work: PostgresUnitOfWorkFactory,
) -> None:
    chance = random.Random(6)  # noqa: S311 - no secret
    keys = [
        (platform, f"verb{verb}", code)
        for platform in range(3)
        for verb in range(5)
        for code in (0, 25000)
    ]

    async def work(_number: int) -> None:
        tally = RequestTally(unit_of_work)
        for _ in range(15):
            for key in chance.sample(keys, len(keys)):
                counted(tally, key, 0.01)
            await tally.write()

    await asyncio.gather(*map(work, range(4)))
    figures = (await told(unit_of_work)).by_verb
    assert figures.whole.counted.requests == 4 * 15 * len(keys)
    assert {each.counted.requests for each in figures.groups.values()} == {4 * 15 * 6}
    assert figures.whole.failures == {25000: 4 * 15 * 15}


class Forgetful:
    """A unit of work whose end is lost on the way, ``losses`` times: before it, or after it."""

    def __init__(self, real: PostgresUnitOfWorkFactory, *losses: str) -> None:
        self._real = real
        self._losses = iter(losses)

    @asynccontextmanager
    async def __call__(self, **options: Any) -> AsyncIterator[UnitOfWork]:
        async with self._real(**options) as work:
            yield _Lossy(work, self._losses)  # type: ignore[misc]  # a part of it


class _Lossy:
    def __init__(self, work: UnitOfWork, losses: Iterator[str]) -> None:
        self.statistics = work.statistics
        self._work = work
        self._losses = losses

    async def commit(self) -> None:
        loss = next(self._losses, None)
        if loss != "before":
            await self._work.commit()
        if loss is not None:
            raise ServiceUnavailable


@pytest.mark.parametrize("losses", [("before",), ("after",), ("after", "before", "after", "after")])
async def test_what_may_have_been_written_is_written_again_and_counts_once(
    unit_of_work: PostgresUnitOfWorkFactory, losses: tuple[str, ...]
) -> None:
    tally = RequestTally(Forgetful(unit_of_work, *losses))
    sent = 0
    for _ in losses:
        counted(tally, SELECTED, 0.01)
        counted(tally, REFUSED, 0.02)
        sent += 2
        with pytest.raises(ServiceUnavailable):
            await tally.write()
        assert tally.unwritten
    counted(tally, SELECTED, 0.01)
    await tally.write()
    assert tally.unwritten == 0
    assert (await whole(unit_of_work)).counted.requests == sent + 1


async def test_what_waits_for_postgresql_is_bounded(
    unit_of_work: PostgresUnitOfWorkFactory,
) -> None:
    tally = RequestTally(Forgetful(unit_of_work, *["before"] * 1000))
    for number in range(12_000):
        counted(tally, (number, "exec_dml", 0), 0.01)
    assert (tally.unwritten, tally.left_out) == (10_000, 2_000)
    counted(tally, (1, "exec_dml", 0), 0.01)  # what is known has room
    assert tally.unwritten == 10_001


async def shifted(admin: asyncpg.Connection, back: str) -> None:
    """As if all that is known had been counted then."""
    for span, unit in ((60, "minute"), (3600, "hour")):
        await admin.execute(
            "UPDATE twinbase.request_statistics"
            f" SET moment = date_trunc('{unit}', now() - $2::text::interval, 'UTC') WHERE span = $1",
            span,
            back,
        )


async def spans(admin: asyncpg.Connection) -> dict[int, int]:
    rows = await admin.fetch(
        "SELECT span, sum(requests)::int AS requests FROM twinbase.request_statistics GROUP BY span"
    )
    return {row["span"]: row["requests"] for row in rows}


async def test_minutes_are_forgotten_and_hours_tell_the_same(
    unit_of_work: PostgresUnitOfWorkFactory, admin: asyncpg.Connection
) -> None:
    tally = RequestTally(unit_of_work)
    counted(tally, SELECTED, 0.01, 0.02, 0.4)
    counted(tally, REFUSED, 0.001)
    counted(tally, UNKNOWN, 0.001)
    await tally.write()
    await shifted(admin, "9 days")
    counted(tally, SELECTED, 0.01)
    await tally.write()
    ago = {"since": timedelta(days=10)}
    before = await whole(unit_of_work, **ago)
    assert await forget_statistics(unit_of_work, KEEPING) == 3
    assert await spans(admin) == {60: 1, 3600: 6}
    assert _same(before, await whole(unit_of_work, **ago))
    by_hour = await told(unit_of_work, since=timedelta(days=10), step=timedelta(hours=1))
    assert sorted(point.whole.counted.requests for point in by_hour.points.values()) == [1, 5]
    assert await forget_statistics(unit_of_work, KEEPING) == 0


def _same(one: Figures, other: Figures) -> bool:
    return (one.successes, one.failures, one.counted.requests, one.counted.histogram) == (
        other.successes,
        other.failures,
        other.counted.requests,
        other.counted.histogram,
    )


async def test_forgetting_is_all_or_nothing_and_by_several_at_once(
    unit_of_work: PostgresUnitOfWorkFactory, admin: asyncpg.Connection
) -> None:
    tally = RequestTally(unit_of_work)
    for number in range(500):
        counted(tally, (number, "exec_dml", 0), 0.01)
    await tally.write()
    await shifted(admin, "9 days")
    async with unit_of_work() as work:  # as a worker that is killed before its COMMIT
        assert await work.statistics.forget(KEEPING, 100) == 100
    assert await spans(admin) == {60: 500, 3600: 500}
    async with unit_of_work() as one, unit_of_work() as other:
        assert await one.statistics.forget(KEEPING, 300) == 300
        assert await other.statistics.forget(KEEPING, 300) == 0  # and waits for nobody
        await one.commit()
    assert await spans(admin) == {60: 200, 3600: 500}
    assert await forget_statistics(unit_of_work, KEEPING) == 200
    await shifted(admin, "401 days")
    assert await forget_statistics(unit_of_work, KEEPING) == 500
    assert await spans(admin) == {}


async def test_what_was_once_forgotten_is_not_said_to_be_kept(
    unit_of_work: PostgresUnitOfWorkFactory, admin: asyncpg.Connection
) -> None:
    """Minutes were kept for a day; now they are for a week."""
    tally = RequestTally(unit_of_work)
    counted(tally, SELECTED, 0.01)
    await tally.write()
    await shifted(admin, "3 days")
    assert await forget_statistics(unit_of_work, Keeping(minutes=timedelta(days=1))) == 1
    async with unit_of_work() as work:
        kept = await work.statistics.kept(KEEPING)
    assert timedelta(days=2, hours=22) < kept.now - kept.minutes_since < timedelta(days=3)
    assert (await whole(unit_of_work, since=timedelta(days=6))).counted.requests == 1
    assert (await whole(unit_of_work, since=timedelta(days=2))).counted.requests == 0


async def test_operations_that_are_forgotten_stay_in_the_figures(
    settings: Settings, unit_of_work: PostgresUnitOfWorkFactory, admin: asyncpg.Connection
) -> None:
    async with open_client(settings) as client:
        caller = client.caller()
        source = await caller.create()
        for number in range(3):
            await caller.clone(source, f"copy{number}")
    before = await told(unit_of_work, since=timedelta(days=40))
    (cloned,) = before.operations
    assert (cloned.kind, cloned.status, cloned.number) == ("clone_database", "succeeded", 3)
    assert cloned.mean_seconds is not None
    assert 0 < cloned.mean_seconds < PATIENCE
    await admin.execute(
        "UPDATE twinbase.operation SET started_at = started_at - interval '31 days',"
        " finished_at = finished_at - interval '31 days'"
        " WHERE id <> (SELECT max(id) FROM twinbase.operation)"
    )
    assert await forget_operations(unit_of_work) == 2
    assert await admin.fetchval("SELECT count(*) FROM twinbase.operation") == 1
    after = await told(unit_of_work, since=timedelta(days=40))
    (again,) = after.operations
    assert again.number == 3
    assert again.mean_seconds == pytest.approx(cloned.mean_seconds, abs=1e-5)
    assert [
        each.number for each in (await told(unit_of_work, since=timedelta(days=2))).operations
    ] == [1]
