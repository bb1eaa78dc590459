from domain.ports import UnitOfWorkFactory
from domain.statistics import Keeping

_AT_A_TIME = 5_000


async def forget_statistics(unit_of_work: UnitOfWorkFactory, keeping: Keeping) -> int:
    """Figures that are kept no longer; how many rows they were."""
    forgotten = 0
    more = True
    while more:
        async with unit_of_work() as work:
            some = await work.statistics.forget(keeping, _AT_A_TIME)
            await work.commit()
        forgotten += some
        more = some >= _AT_A_TIME
    return forgotten
