from collections.abc import Sequence

from domain.platform import Platform
from domain.ports import UnitOfWorkFactory


async def list_platforms(unit_of_work: UnitOfWorkFactory) -> Sequence[Platform]:
    async with unit_of_work() as work:
        return await work.platforms.list_platforms()
