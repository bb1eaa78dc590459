from datetime import timedelta

from domain.ports import UnitOfWorkFactory

_BEATS = 3  # that are missed; also of what a worker is only about to put in or to end


async def resume_operations(unit_of_work: UnitOfWorkFactory, heartbeat: float) -> int:
    """Unfinished ones that are in no queue and give no sign of life: somebody comes to them."""
    async with unit_of_work() as work:
        silence = timedelta(seconds=_BEATS * heartbeat)
        forgotten = await work.operations.enqueue_forgotten(silence)
        await work.commit()
    return len(forgotten)
