"""Operations in a worker: what the queue gives is run by use cases."""

from datetime import timedelta

from service.use_cases.operation_tools import OperationTools
from service.use_cases.run_operation import put_back_operation, run_operation, undo_operation


class OperationRunner:
    def __init__(self, tools: OperationTools) -> None:
        self._tools = tools

    async def run(self, operation_id: int) -> timedelta | None:
        return await run_operation(operation_id, self._tools)

    async def undo(self, operation_id: int) -> None:
        await undo_operation(operation_id, self._tools)

    async def put_back(self, operation_id: int) -> None:
        await put_back_operation(operation_id, self._tools)
