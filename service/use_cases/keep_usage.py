from datetime import timedelta

from domain.ports import UnitOfWorkFactory
from domain.usage import UsageScope
from service.use_cases.measure_usage import measure_usage

_OLD = timedelta(minutes=10)
_AT_A_TIME = 200


async def keep_usage(unit_of_work: UnitOfWorkFactory) -> int:
    """Nothing is measured very long ago, nor kept of what is gone; how much was forgotten."""
    await measure_usage(UsageScope(), _OLD, _AT_A_TIME, unit_of_work)
    async with unit_of_work(lasting=False) as work:
        forgotten = await work.usage.forget_dropped() + await work.quotas.forget_buckets()
        await work.commit()
    return forgotten
