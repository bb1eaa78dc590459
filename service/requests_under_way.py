"""Where a request may be that is to end: in line for a turn, or in PostgreSQL."""

from collections.abc import Sequence

from domain.ports import RunningStatements, Turns


class RequestsUnderWay:
    """Those that wait in this worker, and those that PostgreSQL runs for any."""

    def __init__(self, waiting: Sequence[Turns], running: RunningStatements) -> None:
        self._waiting = waiting
        self._running = running

    async def cancel(self, label: str) -> None:
        cancelled = [turns.cancel(label) for turns in self._waiting]
        if not any(cancelled):
            await self._running.cancel(label)
