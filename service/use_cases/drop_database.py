from dataclasses import dataclass

from domain.ownership import Caller
from domain.ports import DatabaseDirectory, UnitOfWorkFactory
from service.use_cases.authority import locked


@dataclass(frozen=True, slots=True)
class DropDatabase:
    database_id: int
    caller: Caller


async def drop_database(
    command: DropDatabase, unit_of_work: UnitOfWorkFactory, directory: DatabaseDirectory
) -> None:
    async with unit_of_work() as work:
        database = await locked(work, command.database_id, command.caller)
        await work.schemas.drop_database(database)
        await work.databases.drop_database(database, command.caller.uid)
        await work.commit()
    directory.forget(database.id)
