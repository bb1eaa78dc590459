from dataclasses import dataclass

from domain.audit import Affected, AuditedChange
from domain.operation import Operation, OperationKind, OperationStatus, asked_by
from domain.ownership import Caller
from exceptions.errors import OperationCancelled, OperationFinished, OperationNotCancellable
from service.use_cases.follow_operation import follow_operation
from service.use_cases.operation_tools import OperationTools
from service.use_cases.run_operation import end_without_result

_PATIENCE = 5.0  # seconds until what runs has been undone


@dataclass(frozen=True, slots=True)
class CancelOperation:
    operation_id: int
    caller: Caller


async def cancel_operation(
    command: CancelOperation, tools: OperationTools, change: AuditedChange
) -> Operation:
    """What it has made is gone when it is ``cancelled``, which may take longer than the answer."""
    async with tools.unit_of_work(change=change) as work:
        operation = asked_by(await work.operations.find(command.operation_id), command.caller)
        if operation.kind is OperationKind.DROP_DATABASE:
            raise OperationNotCancellable
        requested = await work.operations.cancel_operation(operation)
        if requested is None:
            raise OperationFinished
        await work.commit(about=Affected(new_database_id=operation.database_id))
    if requested.status is OperationStatus.PENDING:
        await end_without_result(requested, OperationCancelled(), tools.unit_of_work)
    async for now in follow_operation(requested, tools, _PATIENCE):
        requested = now
    return requested
