"""What ``doctor`` finds is mended where that is safe: nothing that may be an operator's."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from domain.audit import Affected, of_no_request
from domain.consistency import Finding, FindingKind
from domain.identifiers import Identifier
from domain.ports import UnitOfWork, UnitOfWorkFactory
from exceptions.errors import DatabaseNotFound, TwinbaseError
from service.use_cases.doctor import MendedElsewhere, silence_of
from service.use_cases.drop_in_steps import Transaction, drop_in_steps
from service.use_cases.run_operation import end_without_result

_LOG = structlog.get_logger()
_GONE = "The database that it was to make has been dropped."


async def mend(unit_of_work: UnitOfWorkFactory, heartbeat: float) -> int:
    """How many; ``heartbeat``: as for ``doctor``. Raises MendedElsewhere."""

    @asynccontextmanager
    async def alone() -> AsyncIterator[UnitOfWork]:
        async with unit_of_work() as work:
            if not await work.consistency.is_alone():
                raise MendedElsewhere
            yield work

    async with alone() as work:
        findings = await work.consistency.findings(silence_of(heartbeat), mended=True)
    mended = 0
    for finding in findings:
        if finding.kind in _MEND:
            try:
                await _MEND[finding.kind](finding, alone)
            except TwinbaseError as error:
                _LOG.warning("not_mended", what=finding.what, error=type(error).__name__)
            else:
                mended += 1
                _LOG.info("mended", kind=finding.kind, what=finding.what)
    return mended


async def _finish_drop(finding: Finding, alone: Transaction) -> None:
    await drop_in_steps(Identifier(finding.subject), alone)


async def _drop_clone(finding: Finding, alone: Transaction) -> None:
    """From now on nobody can reach it; what is left of it is an unfinished drop."""
    async with alone() as work:
        copy = await work.databases.find(finding.database_id or 0)
        if copy is None or finding not in await work.consistency.findings(timedelta(), mended=True):
            return
        await work.databases.drop_database(copy, copy.uid)
        await work.audit.add(
            of_no_request("drop_database", "mend").done(Affected(database_id=copy.id))
        )
        await work.commit()
    for schema in copy.schemas.values():
        await drop_in_steps(schema, alone)


async def _end_operation(finding: Finding, alone: Transaction) -> None:
    async with alone() as work:
        operation = await work.operations.find(finding.operation_id or 0)
    if operation is not None:
        await end_without_result(operation, DatabaseNotFound(_GONE), alone)


async def _enqueue(finding: Finding, alone: Transaction) -> None:
    async with alone() as work:
        await work.operations.enqueue(finding.operation_id or 0)
        await work.commit()


async def _forget_attempts(_finding: Finding, alone: Transaction) -> None:
    async with alone() as work:
        await work.consistency.forget_attempts()
        await work.commit()


# A job without an operation ends where a worker takes it, as any other.
_MEND: Mapping[FindingKind, Callable[[Finding, Transaction], Awaitable[None]]] = {
    FindingKind.UNFINISHED_DROP: _finish_drop,
    FindingKind.ABANDONED_CLONE: _drop_clone,
    FindingKind.OPERATION_WITHOUT_DATABASE: _end_operation,
    FindingKind.OPERATION_WITHOUT_JOB: _enqueue,
    FindingKind.LEFT_ATTEMPT: _forget_attempts,
}
