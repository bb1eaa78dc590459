from dataclasses import dataclass
from datetime import timedelta

from domain.ports import UnitOfWorkFactory
from domain.usage import UsageBy, UsageReport, UsageScope
from service.use_cases.measure_usage import measure_usage

# Databases that are measured while the caller waits; of more, what was measured last is told.
_MOST_MEASURED = 100


@dataclass(frozen=True, slots=True)
class GetUsage:
    """``platform_name`` None: of all."""

    platform_name: str | None
    space_id: str | None
    uid: str | None
    database_id: int | None
    by: UsageBy
    limit: int


async def get_usage(command: GetUsage, unit_of_work: UnitOfWorkFactory) -> UsageReport:
    """Raises PlatformNotFound."""
    platform_id = None
    async with unit_of_work() as work:
        if command.platform_name is not None:
            platform_id = (await work.platforms.find_platform(command.platform_name)).id
        scope = UsageScope(platform_id, command.space_id, command.uid, command.database_id)
        stale = await work.usage.to_measure(scope, timedelta(), _MOST_MEASURED + 1)
    if len(stale) <= _MOST_MEASURED:
        await measure_usage(scope, timedelta(), _MOST_MEASURED, unit_of_work)
    async with unit_of_work() as work:
        return await work.usage.get_usage(scope, command.by, command.limit)
