from dataclasses import dataclass

from domain.copies import EVERYTHING, WhatToCopy
from domain.database import Database
from domain.once import Once
from domain.operation import NewOperation, Operation, OperationKind, OperationStatus
from domain.ownership import Caller
from domain.ports import UnitOfWork
from service.use_cases.authority import locked_to_read
from service.use_cases.operation_tools import OperationTools
from service.use_cases.run_here import run_here

# What is copied within a second or two.
_MOST_RELATIONS = 300
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CloneDatabase:
    """``space_id`` None: the source's. ``wait``: for its end, as long as a request waits."""

    database_id: int
    caller: Caller
    new_name: str
    sid: str
    space_id: str | None = None
    what: WhatToCopy = EVERYTHING
    wait: bool = True

    def new_operation(self, copy: Database) -> NewOperation:
        return NewOperation(
            kind=OperationKind.CLONE_DATABASE,
            database_id=copy.id,
            request={"source_id": self.database_id, **self.what.as_json()},
            caller=Caller(self.caller.uid, copy.space_id),
            sid=self.sid,
        )


async def clone_database(
    command: CloneDatabase, tools: OperationTools, once: Once | None = None
) -> Operation:
    """As the operation was begun: a small database's by this worker, at once, if it has a turn."""
    has_turn = command.wait and await tools.background.take_turn()
    try:
        operation = await _begun(command, tools, once, at_once=has_turn)
    except BaseException:
        if has_turn:
            tools.background.give_back()
        raise
    if operation.status is OperationStatus.RUNNING:
        tools.background.run(run_here(operation, tools))
    elif has_turn:
        tools.background.give_back()
    return operation


async def _begun(
    command: CloneDatabase, tools: OperationTools, once: Once | None, *, at_once: bool
) -> Operation:
    async with tools.unit_of_work(once=once) as work:
        source = await locked_to_read(work, command.database_id, command.caller)
        copy = await _empty_copy(work, source, command)
        new = command.new_operation(copy)
        if at_once and await _is_small(work, source, command.what):
            operation = await work.operations.claim_new(new, tools.at_once_of_uid)
        else:
            operation = await work.operations.begin_operation(new)
        await work.commit(operation)
    return operation


async def _is_small(work: UnitOfWork, source: Database, what: WhatToCopy) -> bool:
    size = await work.schemas.size(source.schemas.values(), what.tables)
    return size.relations <= _MOST_RELATIONS and size.bytes <= _MOST_BYTES


async def _empty_copy(work: UnitOfWork, source: Database, command: CloneDatabase) -> Database:
    copy = await work.databases.create_database(
        source.plan_copy(command.new_name, command.caller, command.space_id)
    )
    await work.schemas.create_database(copy)
    return copy
