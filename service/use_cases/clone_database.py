from dataclasses import dataclass, replace

from domain.audit import AuditedChange, Subject
from domain.copies import EVERYTHING, WhatToCopy
from domain.database import Database
from domain.operation import NewOperation, Operation, OperationKind, OperationStatus
from domain.ownership import Caller
from domain.ports import UnitOfWork
from service.use_cases.authority import locked_to_read
from service.use_cases.operation_tools import OperationTools
from service.use_cases.run_here import hand_over, run_here

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
            caller=replace(self.caller, space_id=copy.space_id),
            sid=self.sid,
        )


async def clone_database(
    command: CloneDatabase, tools: OperationTools, change: AuditedChange
) -> Operation:
    """As the operation was begun: a small database's by this worker, at once, if it has a turn."""
    has_turn = command.wait and await tools.background.take_turn()
    claimed: Operation | None = None
    try:
        async with tools.unit_of_work(change=change) as work:
            operation = await _begun(work, command, tools.at_once_of_uid, at_once=has_turn)
            if operation.status is OperationStatus.RUNNING:
                claimed = operation
            await work.commit(operation, _about(operation))
    except BaseException:
        if claimed is not None:  # the commit may have arrived, though nobody was told
            tools.background.run(hand_over(claimed, tools))
        elif has_turn:
            tools.background.give_back()
        raise
    if claimed is not None:
        tools.background.run(run_here(claimed, tools))
    elif has_turn:
        tools.background.give_back()
    return operation


def _about(operation: Operation) -> Subject:
    return Subject(new_database_id=operation.database_id, operation_id=operation.id)


async def _begun(
    work: UnitOfWork, command: CloneDatabase, at_once_of_uid: int, *, at_once: bool
) -> Operation:
    source = await locked_to_read(work, command.database_id, command.caller)
    new = command.new_operation(await _empty_copy(work, source, command))
    if at_once and await _is_small(work, source, command.what):
        return await work.operations.claim_new(new, at_once_of_uid)
    return await work.operations.begin_operation(new)


async def _is_small(work: UnitOfWork, source: Database, what: WhatToCopy) -> bool:
    size = await work.schemas.size(source.schemas.values(), what.tables)
    return size.relations <= _MOST_RELATIONS and size.bytes <= _MOST_BYTES


async def _empty_copy(work: UnitOfWork, source: Database, command: CloneDatabase) -> Database:
    copy = await work.databases.create_database(
        source.plan_copy(command.new_name, command.caller, command.space_id)
    )
    await work.schemas.create_database(copy)
    return copy
