from collections.abc import AsyncIterator

from domain.operation import Operation
from service.use_cases.follow_operation import follow_operation
from service.use_cases.get_operation import GetOperation, get_operation
from service.use_cases.operation_tools import OperationTools

_LONGEST = 24 * 3600.0  # seconds


async def watch_operation(command: GetOperation, tools: OperationTools) -> AsyncIterator[Operation]:
    """As it is now and with each change, to its end. Raises OperationNotFound at once."""
    operation = await get_operation(command, tools.unit_of_work)
    return follow_operation(operation, tools, _LONGEST)
