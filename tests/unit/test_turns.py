"""At most so many at a time, in the order in which they came, and nothing is kept of who has gone."""

import asyncio

import pytest

from exceptions.errors import TooManyStatements
from service.turns import DatabaseTurns


async def test_no_more_than_may_at_a_time() -> None:
    turns = DatabaseTurns(at_once=3, longest_wait=10)
    running = most = 0

    async def work() -> None:
        nonlocal running, most
        async with turns(1):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(work() for _ in range(50)))
    assert (running, most) == (0, 3)
    assert turns._lines == {}  # noqa: SLF001 - a leak would show nowhere else


async def test_databases_do_not_wait_for_each_other() -> None:
    turns = DatabaseTurns(at_once=1, longest_wait=10)
    async with turns(1), turns(2):
        pass


async def test_who_waits_too_long_is_told() -> None:
    turns = DatabaseTurns(at_once=1, longest_wait=0.01)
    async with turns(1):
        with pytest.raises(TooManyStatements, match=r"1 statements of this database are running"):
            async with turns(1):
                pass
    async with turns(1):
        pass
    assert turns._lines == {}  # noqa: SLF001 - as above


async def test_who_gives_up_takes_no_turn() -> None:
    turns = DatabaseTurns(at_once=1, longest_wait=10)

    async def work() -> None:
        async with turns(1):
            await asyncio.sleep(0)

    async with turns(1):
        waiting = asyncio.create_task(work())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await asyncio.wait_for(work(), timeout=5)
    assert turns._lines == {}  # noqa: SLF001 - as above


async def test_in_the_order_in_which_they_came() -> None:
    turns = DatabaseTurns(at_once=1, longest_wait=10)
    served: list[int] = []

    async def work(number: int) -> None:
        async with turns(1):
            served.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(10)))
    assert served == list(range(10))
