from dataclasses import dataclass

from domain.operation import Operation, asked_by
from domain.ownership import Caller
from domain.ports import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class GetOperation:
    operation_id: int
    caller: Caller


async def get_operation(command: GetOperation, unit_of_work: UnitOfWorkFactory) -> Operation:
    async with unit_of_work() as work:
        return asked_by(await work.operations.find(command.operation_id), command.caller)
