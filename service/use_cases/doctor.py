from datetime import timedelta

from domain.consistency import Finding
from domain.ports import UnitOfWorkFactory

_BEATS = 3  # that are missed; also of what a worker is only about to put in or to end


async def doctor(unit_of_work: UnitOfWorkFactory, heartbeat: float) -> list[Finding]:
    """As of one moment; looks only. ``heartbeat``: of operations, in seconds."""
    async with unit_of_work() as work:
        return await work.consistency.findings(silence_of(heartbeat))


def silence_of(heartbeat: float) -> timedelta:
    return timedelta(seconds=_BEATS * heartbeat)
