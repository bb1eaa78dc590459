from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import structlog

from domain.operation import Operation, OperationKind, OperationStatus, Overtaken
from exceptions.errors import (
    DatabaseBusy,
    OperationCancelled,
    OperationInterrupted,
    ServerError,
    ServiceUnavailable,
    TwinbaseError,
)
from service.use_cases.drop_in_steps import Transaction, drop_in_steps
from service.use_cases.operation_tools import OperationTools
from service.use_cases.run_clone import run_clone
from service.use_cases.run_drop import run_drop

_LOG = structlog.get_logger()

_RUN: Mapping[OperationKind, Callable[[Operation, OperationTools], Awaitable[None]]] = {
    OperationKind.CLONE_DATABASE: run_clone,
    OperationKind.DROP_DATABASE: run_drop,
}

# Somebody holds a lock; PostgreSQL is away, or has no connection.
_MAY_PASS = (DatabaseBusy, ServiceUnavailable)

_NOT_ITS_TURN = timedelta(seconds=0.5)
_MOST_INTERRUPTIONS = 3
_MOST_ATTEMPTS = 6
_LONGEST_PAUSE = 30  # seconds


async def run_operation(operation_id: int, tools: OperationTools) -> timedelta | None:
    """One attempt; a time: another one is to follow after it.

    What may pass (somebody holds a lock, PostgreSQL restarts) is tried again, a clone not for ever.
    Raises nothing of ours.
    """
    try:
        operation = await _claimed(operation_id, tools)
    except TwinbaseError:
        return _NOT_ITS_TURN
    if operation is None or isinstance(operation, timedelta):
        return operation
    return await run_attempt(operation, tools)


async def run_attempt(operation: Operation, tools: OperationTools) -> timedelta | None:
    """Of one that was claimed."""
    with tools.attempt(operation) as tell:
        try:
            await _attempt(operation, tools)
        except Overtaken:
            return None
        except TwinbaseError as error:
            tell(error)
            return await _after(error, operation, tools)
        _LOG.info("operation_succeeded", operation_id=operation.id, kind=operation.kind)
    return None


async def _claimed(operation_id: int, tools: OperationTools) -> Operation | timedelta | None:
    """None: it has ended; a time: it is not its turn before."""
    async with tools.unit_of_work() as work:
        claimed = await work.operations.claim(operation_id, tools.at_once_of_uid)
        if claimed is None:
            found = await work.operations.find(operation_id)
            return None if found is None or found.status.is_finished else _NOT_ITS_TURN
        await work.commit()
    return claimed


async def _attempt(operation: Operation, tools: OperationTools) -> None:
    if operation.cancel_requested:
        raise OperationCancelled
    is_drop = operation.kind is OperationKind.DROP_DATABASE  # each attempt leaves less of it
    if operation.interruptions > _MOST_INTERRUPTIONS and not is_drop:
        raise OperationInterrupted
    try:
        await _RUN[operation.kind](operation, tools)
    except (TwinbaseError, Overtaken):
        raise
    except Exception as error:
        _LOG.exception("operation_failed", operation_id=operation.id, kind=operation.kind)
        raise ServerError from error


async def undo_operation(operation_id: int, tools: OperationTools) -> None:
    """Of one that was cancelled while it ran."""
    async with tools.unit_of_work() as work:
        operation = await work.operations.find(operation_id)
    if operation is not None and not operation.status.is_finished:
        await end_without_result(operation, OperationCancelled(), tools.unit_of_work)


async def put_back_operation(operation_id: int, tools: OperationTools) -> None:
    """Of one that runs here, since this worker stops."""
    async with tools.unit_of_work() as work:
        operation = await work.operations.find(operation_id)
        if operation is not None and await work.operations.put_back(operation):
            await work.commit()


async def end_without_result(
    operation: Operation, error: TwinbaseError, unit_of_work: Transaction
) -> None:
    """Nothing is left of what it has made."""
    is_cancelled = isinstance(error, OperationCancelled)
    status = OperationStatus.CANCELLED if is_cancelled else OperationStatus.FAILED
    told = {"error": type(error).__name__, "code": error.code, "message": error.message}
    schemas = []
    async with unit_of_work() as work:
        if not await work.operations.end_operation(operation, status, error=told):
            return
        copy = await work.databases.find(operation.database_id)
        if copy is not None and operation.kind is OperationKind.CLONE_DATABASE:
            await work.databases.drop_database(copy, operation.uid)
            if not await work.schemas.drop_database(copy):
                schemas = list(copy.schemas.values())
        await work.commit()
    told_of = {"operation_id": operation.id, "sid": operation.sid}
    _LOG.info("operation_ended", **told_of, status=status, code=int(error.code))
    with suppress(TwinbaseError):  # what is left then, a sweep finds
        for schema in schemas:
            await drop_in_steps(schema, unit_of_work)


async def _after(
    error: TwinbaseError, operation: Operation, tools: OperationTools
) -> timedelta | None:
    pause = timedelta(seconds=min(2**operation.attempt / 2, _LONGEST_PAUSE))
    may_pass = isinstance(error, _MAY_PASS) and operation.attempt < _MOST_ATTEMPTS
    is_drop = operation.kind is OperationKind.DROP_DATABASE
    try:
        if not is_drop and not may_pass:
            await end_without_result(operation, error, tools.unit_of_work)
            return None
        async with tools.unit_of_work() as work:
            is_mine = await work.operations.put_back(operation)
            await work.commit()
    except TwinbaseError:  # PostgreSQL is away; it is found running, and taken up again
        is_mine = True
    _LOG.warning(
        "operation_put_back",
        operation_id=operation.id,
        attempt=operation.attempt,
        error=type(error).__name__,
        cause=type(error.__cause__).__name__,
    )
    return pause if is_mine else None
