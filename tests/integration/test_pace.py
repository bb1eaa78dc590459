"""Statements per second, where requests of one worker come at the same time."""

import asyncio
from dataclasses import replace

import pytest

from domain.platform import DEFAULT_PLATFORM_ID
from domain.quota import Limit, Resource, Subject
from exceptions.quotas import RateExceeded
from repository.pace import Pace
from repository.unit_of_work import PostgresUnitOfWorkFactory

LIMIT = Limit(Resource.STATEMENTS_PER_SECOND, 10, Subject(DEFAULT_PLATFORM_ID, uid="u1"))


@pytest.fixture
def pace(unit_of_work: PostgresUnitOfWorkFactory) -> Pace:
    return Pace(unit_of_work)


async def test_what_is_run_while_postgresql_is_asked_counts(pace: Pace) -> None:
    asking = asyncio.create_task(pace.take(LIMIT))
    await asyncio.sleep(0)
    assert not asking.done()
    pace.charge(LIMIT, 100)
    await asking
    with pytest.raises(RateExceeded) as refused:
        await pace.take(LIMIT)
    assert refused.value.retry_after is not None
    assert refused.value.retry_after > 5


async def test_none_holds_at_once(pace: Pace) -> None:
    """Also while there are some that were taken before."""
    many = replace(LIMIT, most=1000)
    await pace.take(many)
    await pace.take(many)  # of what was taken
    with pytest.raises(RateExceeded) as refused:
        await pace.take(replace(LIMIT, most=0))
    assert refused.value.retry_after is None
