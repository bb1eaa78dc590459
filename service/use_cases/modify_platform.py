from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.audit import AuditedChange
from domain.platform import Platform
from domain.ports import KeyRing, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class ModifyPlatform:
    """``changes``: of a Platform's ``app_ids``, ``scopes`` and ``is_active``, those that change."""

    name: str
    changes: Mapping[str, Any]


async def modify_platform(
    command: ModifyPlatform,
    unit_of_work: UnitOfWorkFactory,
    key_ring: KeyRing,
    change: AuditedChange,
) -> Platform:
    async with unit_of_work(change=change) as work:
        found = await work.platforms.lock_platform(command.name)
        platform = await work.platforms.modify_platform(replace(found, **command.changes))
        await work.commit(platform)
    key_ring.forget()
    return platform
