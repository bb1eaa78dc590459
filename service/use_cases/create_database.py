from dataclasses import dataclass

from domain.database import Database, NewDatabase
from domain.ownership import Caller
from domain.ports import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    name: str
    caller: Caller
    description: str


async def create_database(command: CreateDatabase, unit_of_work: UnitOfWorkFactory) -> Database:
    new = NewDatabase(
        name=command.name,
        uid=command.caller.uid,
        description=command.description,
        space_id=command.caller.space_id,
    )
    async with unit_of_work() as work:
        database = await work.databases.create_database(new)
        await work.schemas.create_database(database)
        await work.commit()
    return database
