from dataclasses import dataclass, replace

from domain.audit import Affected, AuditedChange
from domain.copies import EVERYTHING, WhatToCopy
from domain.database import Database
from domain.operation import NewOperation, Operation, OperationKind, OperationStatus
from domain.ownership import Caller
from domain.ports import UnitOfWork
from domain.quota import Limits
from domain.usage import Measurement
from service.use_cases.authority import locked_to_read
from service.use_cases.operation_tools import OperationTools
from service.use_cases.run_here import hand_over, run_here
from service.use_cases.within_quota import one_more

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
    limits = await _limits_of_copy(command, tools)
    has_turn = command.wait and await tools.background.take_turn()
    claimed: Operation | None = None
    try:
        async with tools.unit_of_work(change=change) as work:
            operation = await _begun(work, command, tools, limits, at_once=has_turn)
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


def _about(operation: Operation) -> Affected:
    return Affected(new_database_id=operation.database_id, operation_id=operation.id)


async def _limits_of_copy(command: CloneDatabase, tools: OperationTools) -> Limits:
    """Before there is a transaction: no request is to hold two connections."""
    space_id = command.space_id
    if space_id is None:
        source = await tools.directory.find(command.database_id)
        space_id = None if source is None else source.space_id
    return await tools.limits.of(command.caller.platform_id, space_id, command.caller.uid)


async def _begun(
    work: UnitOfWork,
    command: CloneDatabase,
    tools: OperationTools,
    limits: Limits,
    *,
    at_once: bool,
) -> Operation:
    source = await locked_to_read(work, command.database_id, command.caller)
    expected = await _expected(work, source, command.what, limits)
    copy = await _empty_copy(work, source, command)
    if expected is not None:
        await work.usage.save(copy, expected)
    new = command.new_operation(copy)
    if at_once and await _is_small(work, source, command.what):
        return await work.operations.claim_new(new, tools.at_once_of_uid)
    return await work.operations.begin_operation(new)


async def _expected(
    work: UnitOfWork, source: Database, what: WhatToCopy, most: Limits
) -> Measurement | None:
    """What the copy will have, where there is a quota of that.

    Raises QuotaExceeded, ConcurrencyExceeded.
    """
    await one_more(work, most.databases, most.operations)
    if most.tables_per_database is None and not most.of_bytes:
        return None
    expected = await _measured(work, source, what)
    if most.tables_per_database is not None:
        most.tables_per_database.check(0, expected.tables)
    if most.bytes_per_database is not None:
        most.bytes_per_database.check(0, expected.bytes)
    if most.bytes is not None:
        most.bytes.check(await work.quotas.hold(most.bytes), expected.bytes)
    return expected


async def _measured(work: UnitOfWork, source: Database, what: WhatToCopy) -> Measurement:
    schemas = [source.schema(environment) for environment in what.environments]
    measured = await work.usage.measure(schemas)
    if what.tables is None:
        return measured if what.rows else replace(measured, bytes=0, rows=0)
    size = await work.schemas.size(schemas, what.tables)
    return replace(
        measured,
        tables=min(measured.tables, len(what.tables)),
        bytes=min(measured.bytes, size.bytes) if what.rows else 0,
    )


async def _is_small(work: UnitOfWork, source: Database, what: WhatToCopy) -> bool:
    size = await work.schemas.size(source.schemas.values(), what.tables)
    return size.relations <= _MOST_RELATIONS and size.bytes <= _MOST_BYTES


async def _empty_copy(work: UnitOfWork, source: Database, command: CloneDatabase) -> Database:
    copy = await work.databases.create_database(
        source.plan_copy(command.new_name, command.caller, command.space_id)
    )
    await work.schemas.create_database(copy)
    return copy
