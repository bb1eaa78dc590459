from collections.abc import Sequence

from domain.platform import ApiKey
from domain.ports import UnitOfWorkFactory


async def list_keys(platform_name: str, unit_of_work: UnitOfWorkFactory) -> Sequence[ApiKey]:
    async with unit_of_work() as work:
        return await work.platforms.list_keys(await work.platforms.find_platform(platform_name))
