from domain.ports import UnitOfWorkFactory

_AT_A_TIME = 500  # some have a megabyte


async def forget_answers(unit_of_work: UnitOfWorkFactory) -> int:
    """Those that are not given again any more; how many they were."""
    forgotten = 0
    more = True
    while more:
        async with unit_of_work() as work:
            some = await work.answers.forget_expired(_AT_A_TIME)
            await work.commit()
        forgotten += some
        more = some == _AT_A_TIME
    return forgotten
