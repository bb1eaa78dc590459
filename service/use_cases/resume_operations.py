from datetime import timedelta

from domain.ports import UnitOfWorkFactory

_SILENCE = timedelta(seconds=30)  # of what a worker is only about to put in or to end


async def resume_operations(unit_of_work: UnitOfWorkFactory) -> int:
    """Unfinished ones that fell out of the queue; somebody will come to them now."""
    async with unit_of_work() as work:
        forgotten = await work.operations.enqueue_forgotten(_SILENCE)
        await work.commit()
    return len(forgotten)
