"""At most so many statements of one database at a time, so that a busy tenant starves nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from exceptions.errors import TooManyStatements


@dataclass(slots=True)
class _Line:
    """Of one database; kept while somebody is in it. ``turns`` hands out turns in order."""

    turns: asyncio.Semaphore
    people: int = 0


class DatabaseTurns:
    """Of one worker. Whoever waits holds no connection."""

    def __init__(self, at_once: int, longest_wait: float) -> None:
        self._at_once = at_once
        self._longest_wait = longest_wait  # seconds
        self._lines: dict[int, _Line] = {}

    @asynccontextmanager
    async def __call__(self, database_id: int) -> AsyncIterator[None]:
        line = self._lines.get(database_id)
        if line is None:
            line = self._lines[database_id] = _Line(asyncio.Semaphore(self._at_once))
        line.people += 1
        try:
            await self._wait(line)
            try:
                yield
            finally:
                line.turns.release()
        finally:
            line.people -= 1
            if not line.people:
                del self._lines[database_id]

    async def _wait(self, line: _Line) -> None:
        if not line.turns.locked():
            await line.turns.acquire()
            return
        try:
            async with asyncio.timeout(self._longest_wait):
                await line.turns.acquire()
        except TimeoutError as error:
            raise TooManyStatements(
                f"{self._at_once} statements of this database are running, as many as may at a"
                f" time, and {self._longest_wait:g} seconds were not enough for a turn."
            ) from error
