import asyncio
from contextlib import suppress

from domain.operation import Operation
from exceptions.errors import TwinbaseError
from service.use_cases.operation_tools import OperationTools
from service.use_cases.run_operation import put_back_operation, run_attempt


async def run_here(operation: Operation, tools: OperationTools) -> None:
    """An operation that was claimed as it was begun, and so is in nobody's queue."""
    beating = asyncio.create_task(_beat(operation, tools), name="heartbeat")
    try:
        await run_attempt(operation, tools)
    except BaseException:  # this worker stops, or something was not foreseen
        await hand_over(operation, tools)
        raise
    finally:
        beating.cancel()
        tools.news.tell(operation.id)


async def hand_over(operation: Operation, tools: OperationTools) -> None:
    """To the queue, if it was begun at all; ``mend`` does it later where this fails."""
    with suppress(TwinbaseError):
        await put_back_operation(operation.id, tools)


async def _beat(operation: Operation, tools: OperationTools) -> None:
    """Signs of life, which ``mend`` looks for."""
    while True:
        await asyncio.sleep(tools.heartbeat / 2)
        with suppress(TwinbaseError):
            async with tools.unit_of_work(lasting=False) as work:
                await work.operations.still_alive(operation)
                await work.commit()
