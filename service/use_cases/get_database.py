from dataclasses import dataclass

from domain.description import DatabaseDescription
from domain.ownership import Caller
from domain.ports import UnitOfWorkFactory
from service.use_cases.authority import locked_to_read


@dataclass(frozen=True, slots=True)
class GetDatabase:
    database_id: int
    caller: Caller


async def get_database(
    command: GetDatabase, unit_of_work: UnitOfWorkFactory
) -> DatabaseDescription:
    """Both schemas as of one moment: no DDL runs meanwhile."""
    async with unit_of_work() as work:
        database = await locked_to_read(work, command.database_id, command.caller)
        schemas = tuple(
            [
                await work.schemas.get_database(environment, schema)
                for environment, schema in database.schemas.items()
            ]
        )
    return DatabaseDescription(database, schemas)
