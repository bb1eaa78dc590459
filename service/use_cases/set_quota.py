from collections.abc import Mapping
from dataclasses import dataclass

from domain.audit import AuditedChange
from domain.ports import UnitOfWork, UnitOfWorkFactory
from domain.quota import Limit, QuotaOfPlatform, Resource, SetQuotaResult, Subject
from domain.quota_ports import QuotaLimits
from domain.usage import UsageBy
from service.use_cases.get_usage import GetUsage, get_usage

_MOST_LOOKED_AT = 1_000  # databases, the largest


@dataclass(frozen=True, slots=True)
class SetQuota:
    """Of a platform, or of one space or uid of it. ``changes``: None: as above it again."""

    platform_name: str
    space_id: str | None
    uid: str | None
    changes: Mapping[Resource, int | None]

    @property
    def target(self) -> str:
        """As the audit tells it."""
        whose = {"space_id": self.space_id, "uid": self.uid}
        named = [f" {field}={value}" for field, value in whose.items() if value is not None]
        most = [
            f" {name}={'none' if most is None else most}" for name, most in self.changes.items()
        ]
        return "".join((self.platform_name, *named, *most))


async def set_quota(
    command: SetQuota,
    unit_of_work: UnitOfWorkFactory,
    limits: QuotaLimits,
    change: AuditedChange,
) -> SetQuotaResult:
    """Also below what is used: nothing is taken away, and the result says what follows."""
    used = await _used_of_databases(command, unit_of_work)
    async with unit_of_work(change=change) as work:
        platform = await work.platforms.lock_platform(command.platform_name)
        subject = Subject(platform.id, command.space_id, command.uid)
        await work.quotas.set_quota(subject, command.changes)
        quotas = await work.quotas.list_quotas(platform.id)
        most = next((each.most for each in quotas if each.subject == subject), {})
        held = [Limit(resource, number, subject) for resource, number in most.items()]
        used |= await _used_of_others(work, held)
        result = SetQuotaResult(QuotaOfPlatform(subject, most, platform.name), used)
        await work.commit(result)
    limits.forget()
    return result


async def _used_of_databases(
    command: SetQuota, unit_of_work: UnitOfWorkFactory
) -> dict[Resource, int]:
    """Of each database: of that which has most."""
    report = await get_usage(
        GetUsage(
            command.platform_name,
            command.space_id,
            command.uid,
            None,
            UsageBy.DATABASE,
            _MOST_LOOKED_AT,
        ),
        unit_of_work,
    )
    return {
        Resource.DATABASES: report.total.databases,
        Resource.BYTES: report.total.bytes,
        Resource.BYTES_PER_DATABASE: max((each.bytes for each in report.usage), default=0),
        Resource.TABLES_PER_DATABASE: max((each.tables for each in report.usage), default=0),
    }


async def _used_of_others(work: UnitOfWork, held: list[Limit]) -> dict[Resource, int]:
    counted = [limit for limit in held if limit.resource is Resource.OPERATIONS]
    return {limit.resource: await work.quotas.used(limit) for limit in counted}
