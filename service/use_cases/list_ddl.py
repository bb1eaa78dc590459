from dataclasses import dataclass

from domain.history import DdlPage
from domain.ownership import Caller, authorised
from domain.ports import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class ListDdl:
    """``cursor`` from the page before."""

    database_id: int
    caller: Caller
    cursor: int | None
    limit: int


async def list_ddl(command: ListDdl, unit_of_work: UnitOfWorkFactory) -> DdlPage:
    async with unit_of_work() as work:
        database = authorised(await work.databases.find(command.database_id), command.caller)
        return await work.history.list_ddl(database.id, command.cursor, command.limit)
