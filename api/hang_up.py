"""A caller who has gone needs no answer: what runs for him is cancelled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from exceptions.errors import StatementCancelled

# Most requests are over by then, and cost nothing but a timer.
_PATIENCE = 0.05  # seconds


@asynccontextmanager
async def cancelled_on_hang_up(request: Request) -> AsyncIterator[None]:
    """Around the work of a request whose body has been read. Raises StatementCancelled."""
    worker = asyncio.current_task()
    if worker is None:
        raise RuntimeError("a request is served by a task")
    watcher: asyncio.Task[None] | None = None
    gone = False

    async def watch() -> None:
        nonlocal gone
        message = await request.receive()
        if message["type"] == "http.disconnect":
            gone = True
            worker.cancel()

    def begin_to_watch() -> None:
        nonlocal watcher
        watcher = asyncio.create_task(watch(), name="hang-up")

    timer = asyncio.get_running_loop().call_later(_PATIENCE, begin_to_watch)
    try:
        yield
    except asyncio.CancelledError as error:
        if not gone:
            raise
        worker.uncancel()
        raise StatementCancelled("The caller hung up; nothing was changed.") from error
    finally:
        timer.cancel()
        if watcher is not None:
            watcher.cancel()
