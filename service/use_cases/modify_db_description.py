from dataclasses import dataclass

from domain.audit import AuditedChange
from domain.ownership import Caller
from domain.ports import DatabaseDirectory, UnitOfWorkFactory
from service.use_cases.authority import locked


@dataclass(frozen=True, slots=True)
class ModifyDbDescription:
    """``description`` None leaves the present one as it is; an empty one erases it."""

    database_id: int
    caller: Caller
    description: str | None


async def modify_db_description(
    command: ModifyDbDescription,
    unit_of_work: UnitOfWorkFactory,
    directory: DatabaseDirectory,
    change: AuditedChange,
) -> None:
    async with unit_of_work(change=change) as work:
        database = await locked(work, command.database_id, command.caller)
        if command.description is not None:
            await work.databases.modify_db_description(
                database, command.description, command.caller.uid
            )
        await work.commit()
    directory.forget(database.id)
