from datetime import timedelta

from domain.ports import UnitOfWorkFactory

_KEPT = timedelta(days=30)
_AT_A_TIME = 1_000


async def forget_operations(unit_of_work: UnitOfWorkFactory) -> int:
    """That ended longer ago than anybody asks."""
    async with unit_of_work() as work:
        forgotten = await work.operations.forget_ended(_KEPT, _AT_A_TIME)
        await work.commit()
    return forgotten
