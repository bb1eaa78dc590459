from dataclasses import dataclass

from domain.audit import AuditedChange
from domain.platform import Platform, Scope
from domain.ports import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class CreatePlatform:
    """``app_ids`` None: it may act for every application."""

    name: str
    app_ids: frozenset[str] | None
    scopes: frozenset[Scope]


async def create_platform(
    command: CreatePlatform, unit_of_work: UnitOfWorkFactory, change: AuditedChange
) -> Platform:
    async with unit_of_work(change=change) as work:
        platform = await work.platforms.create_platform(
            command.name, command.app_ids, command.scopes
        )
        await work.commit(platform)
    return platform
