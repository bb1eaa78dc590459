"""An answer in steps, each in a task of its own."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

Item = TypeVar("Item")

_ENDING: set[asyncio.Task[object]] = set()  # the event loop alone would forget them


async def apart(steps: AsyncIterator[Item]) -> AsyncIterator[Item]:
    """As they come.

    Who streams is cancelled by anyio when the caller hangs up, and again at all that he awaits:
    he cannot give a connection back. A step is cancelled once, and ends by itself.
    """
    while True:
        step: asyncio.Task[Item | None] = asyncio.create_task(_next(steps), name="step")
        try:
            item = await asyncio.shield(step)
        except asyncio.CancelledError:
            step.cancel()
            _ENDING.add(step)
            step.add_done_callback(_ended)
            raise
        if item is None:
            return
        yield item


async def _next(steps: AsyncIterator[Item]) -> Item | None:
    return await anext(steps, None)


def _ended(step: asyncio.Task[object]) -> None:
    _ENDING.discard(step)
    if not step.cancelled():
        step.exception()  # nobody is there to be told
