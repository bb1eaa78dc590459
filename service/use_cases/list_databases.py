from dataclasses import dataclass

from domain.database import DatabasePage
from domain.ownership import Caller
from domain.ports import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class ListDatabases:
    """Of the caller's space where he names one, else his own; ``cursor`` from the page before.

    ``caller`` None: everybody's, for those who administer the service.
    """

    caller: Caller | None
    name_contains: str
    cursor: int | None
    limit: int


async def list_databases(command: ListDatabases, unit_of_work: UnitOfWorkFactory) -> DatabasePage:
    async with unit_of_work() as work:
        return await work.databases.list_databases(
            command.caller,
            name_contains=command.name_contains,
            before_id=command.cursor,
            limit=command.limit,
        )
