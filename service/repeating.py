"""What is done again and again, beside what a worker serves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

_LOG = structlog.get_logger()


@asynccontextmanager
async def repeating(
    work: Callable[[], Awaitable[object]], pause: float, name: str
) -> AsyncIterator[None]:
    """As long as the context lasts; ``pause``: seconds before each time."""
    task = asyncio.create_task(_repeat(work, pause, name), name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _repeat(work: Callable[[], Awaitable[object]], pause: float, name: str) -> None:
    while True:
        await asyncio.sleep(pause)
        try:
            await work()
        except Exception:  # noqa: BLE001 - the next time may do better, and there is nobody else
            _LOG.exception("not_repeated", work=name)
