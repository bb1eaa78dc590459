from collections.abc import AsyncIterator
from datetime import timedelta

from domain.consistency import DriftSlice, Finding
from domain.ports import UnitOfWorkFactory

_BEATS = 3  # that are missed; also of what a worker is only about to put in or to end
_DATABASES_AT_ONCE = 500


async def doctor(unit_of_work: UnitOfWorkFactory, heartbeat: float) -> list[Finding]:
    """As of one moment; looks only. ``heartbeat``: of operations, in seconds."""
    async with unit_of_work() as work:
        return await work.consistency.findings(silence_of(heartbeat))


class MendedElsewhere(Exception):
    """Another worker is at it, in this very moment."""


async def drift(
    unit_of_work: UnitOfWorkFactory, *, alone: bool = False, at_once: int = _DATABASES_AT_ONCE
) -> AsyncIterator[DriftSlice]:
    """Of all databases that are ready, some at a time; looks only.

    ``alone``: raises MendedElsewhere where another worker mends, or looks like this.
    """
    after_id: int | None = 0
    while after_id is not None:
        async with unit_of_work() as work:
            if alone and not await work.consistency.is_alone():
                raise MendedElsewhere
            found = await work.consistency.drift(after_id, at_once)
        yield found
        after_id = found.last_id


def silence_of(heartbeat: float) -> timedelta:
    return timedelta(seconds=_BEATS * heartbeat)
