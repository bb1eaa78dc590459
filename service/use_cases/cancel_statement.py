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
    """What runs, in whatever worker; what waits for its turn, in this worker only.

    In another worker it is not found, and neither is what the gate is judging: whoever is told
    StatementNotFound of a request that has no answer yet may ask again.
    """
    database = authorised(await directory.find(command.database_id), command.caller)
    await running.cancel(label_of(command.sid, database.id))
