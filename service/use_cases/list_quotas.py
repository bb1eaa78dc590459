from domain.ports import UnitOfWorkFactory
from domain.quota import QuotaOfPlatform


async def list_quotas(
    platform_name: str | None, unit_of_work: UnitOfWorkFactory
) -> list[QuotaOfPlatform]:
    """For the platform, its spaces and uids; None: for all platforms. Raises PlatformNotFound."""
    async with unit_of_work() as work:
        if platform_name is None:
            platforms = await work.platforms.list_platforms()
        else:
            platforms = [await work.platforms.find_platform(platform_name)]
        only = None if platform_name is None else platforms[0].id
        quotas = await work.quotas.list_quotas(only)
    names = {platform.id: platform.name for platform in platforms}
    return [
        QuotaOfPlatform(quota.subject, quota.most, names[quota.subject.platform_id])
        for quota in quotas
    ]
