"""How the end of a request's time is told."""

import asyncio

import pytest

from exceptions.errors import ServiceUnavailable, SqlDetails, StatementCancelled, StatementTimeout
from service.use_cases.time_limit import TimeLimit


async def test_what_is_in_time_is_left_alone() -> None:
    async with TimeLimit(60_000):
        await asyncio.sleep(0)


async def test_all_statements_together_take_too_long() -> None:
    with pytest.raises(StatementTimeout, match="longer than 1 milliseconds together"):
        async with TimeLimit(1, grace=0):
            await asyncio.Event().wait()


async def test_of_what_commits_itself_nobody_knows_how_it_ended() -> None:
    with pytest.raises(ServiceUnavailable, match="whether anything was changed is not known"):
        async with TimeLimit(1, grace=0, commits_itself=True):
            await asyncio.Event().wait()


async def test_a_lifted_limit_stops_nothing() -> None:
    """As for a commit, of which nobody could say any more whether it was made."""
    async with TimeLimit(1, grace=0) as limit:
        limit.lift()
        await asyncio.sleep(0.01)


async def test_one_statement_takes_too_long() -> None:
    told = StatementTimeout(None, SqlDetails(statement=2))
    with pytest.raises(StatementTimeout) as raised:
        await _late(told)
    assert raised.value is told


async def _late(error: StatementTimeout) -> None:
    async with TimeLimit(1):
        await asyncio.sleep(0.002)
        raise error


async def test_what_ends_before_its_time_was_cancelled() -> None:
    with pytest.raises(StatementCancelled) as raised:
        async with TimeLimit(60_000):
            raise StatementTimeout(None, SqlDetails(statement=2))
    assert raised.value.sql == SqlDetails(statement=2)


async def test_who_is_cancelled_by_somebody_else_is_cancelled() -> None:
    worker = asyncio.create_task(_within(TimeLimit(60_000)))
    await asyncio.sleep(0)
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker
    assert worker.cancelled()


async def test_who_is_cancelled_in_the_moment_in_which_time_is_over_is_cancelled() -> None:
    worker = asyncio.create_task(_within(TimeLimit(0, grace=0)))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(0, worker.cancel)  # due in one turn of the loop with it
    with pytest.raises(asyncio.CancelledError):
        await worker
    assert worker.cancelled()


async def test_after_its_time_a_worker_goes_on_uncancelled() -> None:
    with pytest.raises(StatementTimeout):
        await _within(TimeLimit(1, grace=0))
    worker = asyncio.current_task()
    assert worker is not None
    assert worker.cancelling() == 0
    await asyncio.sleep(0)  # which would raise


async def test_of_two_limits_the_outer_one_is_told_where_it_ends_first() -> None:
    with pytest.raises(StatementTimeout, match="longer than 1 milliseconds"):
        async with TimeLimit(1, grace=0):
            await _within(TimeLimit(60_000))


async def _within(limit: TimeLimit) -> None:
    async with limit:
        await asyncio.Event().wait()
