import asyncio
from dataclasses import dataclass

from domain.copies import EVERYTHING, WhatToCopy
from domain.database import Database, DatabaseStatus
from domain.once import Once
from domain.operation import NewOperation, Operation, OperationKind, Progress
from domain.ownership import Caller
from domain.ports import UnitOfWork
from service.use_cases.authority import locked_to_read
from service.use_cases.operation_tools import OperationTools

# What one transaction copies within a second or two, with a few thousand locks.
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
    """A small database at once, in one transaction; any other by an operation, which is begun."""
    operation = await _within_patience(command, tools, once) if command.wait else None
    return operation or await _begun(command, tools, once)


async def _within_patience(
    command: CloneDatabase, tools: OperationTools, once: Once | None
) -> Operation | None:
    """None: it would take too long, and nothing was done."""
    try:
        async with asyncio.timeout(tools.patience) as limit:
            return await _at_once(command, tools, once, limit)
    except TimeoutError:
        return None


async def _at_once(
    command: CloneDatabase, tools: OperationTools, once: Once | None, limit: asyncio.Timeout
) -> Operation | None:
    """None: it is too large."""
    async with tools.unit_of_work(snapshot=True, once=once) as work:
        source = await locked_to_read(work, command.database_id, command.caller)
        size = await work.schemas.size(source.schemas.values())
        if size.relations > _MOST_RELATIONS or size.bytes > _MOST_BYTES:
            return None
        copy = await _empty_copy(work, source, command, DatabaseStatus.READY)
        report = await work.schemas.clone_database(source, copy, command.what)
        operation = await work.operations.add_finished(
            command.new_operation(copy), report.as_json(), Progress()
        )
        limit.reschedule(None)  # whoever stops waiting for a commit does not know what came of it
        await work.commit(operation)
    return operation


async def _begun(command: CloneDatabase, tools: OperationTools, once: Once | None) -> Operation:
    async with tools.unit_of_work(once=once) as work:
        source = await locked_to_read(work, command.database_id, command.caller)
        copy = await _empty_copy(work, source, command, DatabaseStatus.CLONING)
        operation = await work.operations.begin_operation(command.new_operation(copy))
        await work.commit(operation)
    return operation


async def _empty_copy(
    work: UnitOfWork, source: Database, command: CloneDatabase, status: DatabaseStatus
) -> Database:
    copy = await work.databases.create_database(
        source.plan_copy(command.new_name, command.caller, command.space_id, status)
    )
    await work.schemas.create_database(copy)
    return copy
