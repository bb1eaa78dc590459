from dataclasses import dataclass, replace

from domain.audit import NOTHING_MORE, Affected, AuditedChange
from domain.database import Database
from domain.operation import NewOperation, Operation, OperationKind
from domain.ownership import Caller, authorised
from service.use_cases.authority import through_its_platform
from service.use_cases.operation_tools import OperationTools


@dataclass(frozen=True, slots=True)
class DropDatabase:
    database_id: int
    caller: Caller
    sid: str

    def new_operation(self, database: Database) -> NewOperation:
        return NewOperation(
            kind=OperationKind.DROP_DATABASE,
            database_id=database.id,
            request={"schemas": [schema.name for schema in database.schemas.values()]},
            caller=replace(self.caller, space_id=database.space_id),
            sid=self.sid,
        )


async def drop_database(
    command: DropDatabase, tools: OperationTools, change: AuditedChange
) -> Operation | None:
    """None: all of it is gone. Otherwise nobody can reach it any more, and the rest follows."""
    operation, about = None, NOTHING_MORE
    async with tools.unit_of_work(change=change) as work:
        found = authorised(await work.databases.find(command.database_id), command.caller)
        through_its_platform(found, command.caller)
        dropped = await work.databases.drop_database(found, command.caller.uid)
        database = authorised(dropped, command.caller)
        if not await work.schemas.drop_database(database):
            operation = await work.operations.begin_operation(command.new_operation(database))
            about = Affected(operation_id=operation.id)
        await work.commit(operation, about)
    tools.directory.forget(database.id)
    return operation
