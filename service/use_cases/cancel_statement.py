from dataclasses import dataclass

from domain.ownership import Caller, authorised
from domain.ports import DatabaseDirectory, RunningStatements
from service.use_cases.statements import label_of


@dataclass(frozen=True, slots=True)
class CancelStatement:
    """``sid``: of the request that is to end, not of this one."""

    database_id: int
    caller: Caller
    sid: str


async def cancel_statement(
    command: CancelStatement, directory: DatabaseDirectory, running: RunningStatements
) -> None:
    database = authorised(await directory.find(command.database_id), command.caller)
    await running.cancel(label_of(command.sid, database.id))
