from dataclasses import replace

from domain.identifiers import Identifier
from domain.operation import Operation, OperationStatus, Overtaken, Progress
from service.use_cases.drop_in_steps import drop_in_steps
from service.use_cases.operation_tools import OperationTools


async def run_drop(operation: Operation, tools: OperationTools) -> None:
    """What is dropped twice at the same time, or for a second time, is dropped all the same."""
    schemas = [Identifier(name) for name in operation.request["schemas"]]
    async with tools.unit_of_work() as work:
        size = await work.schemas.size(schemas)
    progress = Progress(step="dropping", steps=size.relations)

    async def tell(dropped: int) -> None:
        nonlocal progress
        progress = replace(progress, steps_done=progress.steps_done + dropped)
        async with tools.unit_of_work() as work:
            if not await work.operations.tell_progress(operation, progress):
                raise Overtaken
            await work.commit()

    for schema in schemas:
        await drop_in_steps(schema, tools.unit_of_work, tell)
    async with tools.unit_of_work() as work:
        await work.operations.end_operation(operation, OperationStatus.SUCCEEDED, result={})
        await work.commit()
