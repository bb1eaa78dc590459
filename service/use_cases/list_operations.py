from dataclasses import dataclass

from domain.operation import OperationPage, OperationStatus
from domain.ownership import Caller
from domain.ports import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class ListOperations:
    """Of the caller's space where he names one, else his own; ``cursor`` from the page before.

    ``caller`` None: everybody's, for those who administer the service.
    """

    caller: Caller | None
    database_id: int | None
    status: OperationStatus | None
    cursor: int | None
    limit: int


async def list_operations(
    command: ListOperations, unit_of_work: UnitOfWorkFactory
) -> OperationPage:
    async with unit_of_work() as work:
        return await work.operations.list_operations(
            command.caller,
            database_id=command.database_id,
            status=command.status,
            before_id=command.cursor,
            limit=command.limit,
        )
