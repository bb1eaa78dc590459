"""A caller who has gone needs no answer: what runs for him is cancelled."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import Request
from starlette.types import Receive

from exceptions.errors import StatementCancelled

Outcome = TypeVar("Outcome")

# Nearly all requests are over by then, also those of 256 callers at once, and cost nothing but a
# timer.
_PATIENCE = 0.5  # seconds


async def while_connected(request: Request, work: Awaitable[Outcome]) -> Outcome:
    """For a request whose body has been read. Raises StatementCancelled."""
    loop = asyncio.get_running_loop()
    worker = asyncio.current_task(loop)
    if worker is None:
        raise RuntimeError("a request is served by a task")
    watch = _Watch(request.receive, worker)
    timer = loop.call_later(_PATIENCE, watch.begin)
    try:
        return await work
    except asyncio.CancelledError as error:
        if not watch.saw_him_go:
            raise
        worker.uncancel()
        raise StatementCancelled("The caller hung up.") from error
    finally:
        timer.cancel()
        watch.end()


class _Watch:
    """Cancels the worker when the caller hangs up."""

    __slots__ = ("_receive", "_task", "_worker", "saw_him_go")

    def __init__(self, receive: Receive, worker: asyncio.Task[object]) -> None:
        self._receive = receive
        self._worker = worker
        self._task: asyncio.Task[None] | None = None
        self.saw_him_go = False

    def begin(self) -> None:
        self._task = asyncio.create_task(self._wait(), name="hang-up")

    def end(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _wait(self) -> None:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.saw_him_go = True
            self._worker.cancel()
