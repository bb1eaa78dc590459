from dataclasses import dataclass

from domain.audit import AuditedChange
from domain.ownership import Caller
from domain.ports import DatabaseDirectory, UnitOfWorkFactory
from service.use_cases.authority import locked


@dataclass(frozen=True, slots=True)
class ShareDatabase:
    """``platform_names``: these and no others reach it beside its own."""

    database_id: int
    caller: Caller
    platform_names: frozenset[str]


async def share_database(
    command: ShareDatabase,
    unit_of_work: UnitOfWorkFactory,
    directory: DatabaseDirectory,
    change: AuditedChange,
) -> None:
    async with unit_of_work(change=change) as work:
        database = await locked(work, command.database_id, command.caller)
        found = [await work.platforms.find_platform(name) for name in command.platform_names]
        others = frozenset(platform.id for platform in found) - {database.platform_id}
        await work.databases.share_database(database, others, command.caller.uid)
        await work.commit()
    directory.forget(database.id)
