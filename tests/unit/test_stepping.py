"""What a caller who hangs up leaves behind of a stream."""

import asyncio
from collections.abc import AsyncIterator

import anyio
import pytest

from api.stepping import apart


async def test_all_steps_come_in_order() -> None:
    async def steps() -> AsyncIterator[int]:
        for number in range(3):
            await asyncio.sleep(0)
            yield number

    assert [number async for number in apart(steps())] == [0, 1, 2]


async def test_what_a_step_raises_is_raised() -> None:
    async def steps() -> AsyncIterator[int]:
        yield 1
        raise LookupError

    with pytest.raises(LookupError):
        assert [number async for number in apart(steps())] == []


async def test_a_step_that_is_given_up_gives_back_what_it_holds() -> None:
    """Though anyio cancels at each await, and to give back takes one."""
    began, gave_back = asyncio.Event(), asyncio.Event()

    async def steps() -> AsyncIterator[int]:
        try:
            began.set()
            await asyncio.sleep(60)
            yield 1
        finally:
            await asyncio.sleep(0.01)
            gave_back.set()

    async def stream() -> None:
        assert [number async for number in apart(steps())] == []

    async with anyio.create_task_group() as streaming:
        streaming.start_soon(stream)
        await began.wait()
        streaming.cancel_scope.cancel()
    async with asyncio.timeout(5):
        await gave_back.wait()
