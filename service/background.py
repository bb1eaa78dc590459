"""Operations that a request has begun to run itself, and that go on when it has been answered."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """``turns``: shared with whoever else runs operations in this worker."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns = turns
        self._running: set[asyncio.Task[None]] = set()

    async def take_turn(self) -> bool:
        if self._turns.locked():
            return False
        await self._turns.acquire()
        return True

    def give_back(self) -> None:
        self._turns.release()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="operation")
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Each of them sees to it that somebody else goes on."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.give_back()
