from dataclasses import dataclass

from domain.audit import AuditedChange
from domain.database import RowAccess
from domain.ownership import Caller
from domain.ports import DatabaseDirectory, UnitOfWorkFactory
from service.use_cases.authority import locked


@dataclass(frozen=True, slots=True)
class SetRowAccess:
    database_id: int
    caller: Caller
    row_access: RowAccess


async def set_row_access(
    command: SetRowAccess,
    unit_of_work: UnitOfWorkFactory,
    directory: DatabaseDirectory,
    change: AuditedChange,
) -> None:
    """From its commit on: statements that are running keep the rows that they began with."""
    async with unit_of_work(change=change) as work:
        database = await locked(work, command.database_id, command.caller)
        command.row_access.check(database.space_id)
        await work.databases.set_row_access(database, command.row_access, command.caller.uid)
        await work.commit()
    directory.forget(database.id)
