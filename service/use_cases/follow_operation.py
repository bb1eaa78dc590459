import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from time import monotonic

from domain.operation import Operation, OperationStatus
from exceptions.errors import OperationNotFound, ServerError, error_named
from service.use_cases.operation_tools import OperationTools

_LONGEST_SILENCE = 1.0  # seconds; a message may have been lost


async def follow_operation(
    operation: Operation, tools: OperationTools, patience: float
) -> AsyncIterator[Operation]:
    """As it is now and with each change, until it has ended or for so many seconds."""
    deadline = monotonic() + patience
    with tools.news.of(operation.id) as changed:
        last = None
        while True:
            changed.clear()
            now = await _looked_up(operation.id, tools)
            if now != last:
                yield now
            last = now
            left = deadline - monotonic()
            if now.status.is_finished or left <= 0:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), min(left, _LONGEST_SILENCE))


async def ended(operation: Operation, tools: OperationTools, patience: float) -> Operation:
    """As it is once it has ended, or after so many seconds. Raises what it has failed with."""
    newest = operation
    async for seen in follow_operation(operation, tools, patience):
        newest = seen
    if newest.status in {OperationStatus.FAILED, OperationStatus.CANCELLED}:
        error = newest.error
        raise error_named(error["error"], error["message"]) if error else ServerError
    return newest


async def _looked_up(operation_id: int, tools: OperationTools) -> Operation:
    async with tools.unit_of_work() as work:
        found = await work.operations.find(operation_id)
    if found is None:
        raise OperationNotFound
    return found
