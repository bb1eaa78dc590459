from domain.ports import UnitOfWorkFactory

_AT_A_TIME = 5_000


async def forget_audit(unit_of_work: UnitOfWorkFactory, days: int) -> int:
    """Rows that are older than so many days; ``days`` 0: none ever is."""
    forgotten = 0
    more = days > 0
    while more:
        async with unit_of_work() as work:
            some = await work.audit.forget(days, _AT_A_TIME)
            await work.commit()
        forgotten += some
        more = some == _AT_A_TIME
    return forgotten
