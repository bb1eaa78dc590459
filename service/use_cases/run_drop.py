from dataclasses import replace

from domain.identifiers import Identifier
from domain.operation import Operation, OperationStatus, Overtaken, Progress
from service.use_cases.drop_in_steps import drop_in_steps
from service.use_cases.operation_tools import OperationTools


async def run_drop(operation: Operation, tools: OperationTools) -> None:
    """What is dropped twice at the same time, or for a second time, is dropped all the same."""
    schemas = [Identifier(name) for name in operation.request["schemas"]]
    progress = replace(operation.progress, step="dropping")

    async def tell() -> None:
        nonlocal progress
        async with tools.unit_of_work(lasting=False) as work:
            left = await work.schemas.relations(schemas)
            progress = _after(progress, left)
            if not await work.operations.tell_progress(operation, progress):
                raise Overtaken
            await work.commit()

    await tell()
    for schema in schemas:
        await drop_in_steps(schema, tools.unit_of_work, tell)
    async with tools.unit_of_work() as work:
        await work.operations.tell_progress(operation, _after(progress, 0))
        await work.operations.end_operation(operation, OperationStatus.SUCCEEDED, result={})
        await work.commit()


def _after(progress: Progress, left: int) -> Progress:
    """An earlier attempt may have dropped some already."""
    whole = progress.steps or left
    return replace(progress, steps=whole, steps_done=max(0, whole - left))
