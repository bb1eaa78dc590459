from contextlib import suppress
from dataclasses import dataclass

from domain.once import Once
from domain.ownership import Caller, authorised
from domain.ports import DatabaseDirectory, UnitOfWorkFactory
from exceptions.errors import TwinbaseError
from service.use_cases.finish_drops import drop_in_steps


@dataclass(frozen=True, slots=True)
class DropDatabase:
    database_id: int
    caller: Caller


async def drop_database(
    command: DropDatabase,
    unit_of_work: UnitOfWorkFactory,
    directory: DatabaseDirectory,
    once: Once | None = None,
) -> None:
    async with unit_of_work(once=once) as work:
        found = authorised(await work.databases.find(command.database_id), command.caller)
        dropped = await work.databases.drop_database(found, command.caller.uid)
        database = authorised(dropped, command.caller)
        all_gone = await work.schemas.drop_database(database)
        await work.commit()
    directory.forget(database.id)
    if not all_gone:
        # Nobody can reach it any more. What is not done now, finish_drops does.
        with suppress(TwinbaseError):
            for schema in database.schemas.values():
                await drop_in_steps(schema, unit_of_work)
