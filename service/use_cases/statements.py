"""What exec_dml and explain_dml share: from the caller's SQL to its statements in a transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

from domain.database import Database, RowAccess
from domain.gate import DmlKind, DmlStatement
from domain.once import Once
from domain.ownership import Caller, RowOwner, authorised
from domain.parameters import Params, check_count, values_of
from domain.platform import Scope
from domain.ports import (
    DatabaseDirectory,
    Gate,
    TenantSession,
    TenantTransaction,
    TenantTransactionFactory,
    Turns,
    UnitOfWorkFactory,
)
from domain.schema import Environment
from domain.timeouts import Timeouts
from exceptions.errors import (
    DmlFailed,
    DmlNotAllowed,
    InvalidParameter,
    NoAuthority,
    ScopeMissing,
    SqlParseFailed,
    TwinbaseError,
)
from exceptions.frames import forget_frames
from service.use_cases.advice import advise
from service.use_cases.judging import judged_in_turn
from service.use_cases.time_limit import TimeLimit
from service.use_cases.within_bytes import WITHOUT_QUOTA, WithinBytes, WithoutQuota
from service.use_cases.within_quota import (
    QuotaTools,
    charge_statements,
    limits_of_database,
    quota_of_statements,
)

Outcome = TypeVar("Outcome")

Run = Callable[[TenantTransaction, DmlStatement, int, Sequence[object]], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class DmlRequest:
    """``sid`` names the request to whoever wants to cancel it.

    ``may_write``: whether the caller's key may be used for that.
    """

    database_id: int
    caller: Caller
    app_id: str
    dml: str
    environment: Environment
    sid: str
    params: Params | None = None
    read_only: bool = False
    may_write: bool = True
    timeout_ms: int | None = None
    lock_timeout_ms: int | None = None
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class StatementTools:
    """What running a caller's statements needs of the outside.

    ``turns_to_be_judged``: where the gate has long SQL judged elsewhere.
    ``ddl_lock_timeout``: milliseconds, where a request of exec_ddl says nothing else.
    """

    directory: DatabaseDirectory
    gate: Gate
    turns: Turns
    turns_to_be_judged: Turns
    transaction: TenantTransactionFactory
    unit_of_work: UnitOfWorkFactory
    quotas: QuotaTools
    timeouts: Timeouts
    ddl_lock_timeout: int


def label_of(sid: str, database_id: int) -> str:
    """What the request is called in PostgreSQL's list of sessions."""
    return f"{sid} {database_id}"


class _Sql(NamedTuple):
    text: str
    params: Params | None
    of_literals: bool = False


# What the normalised text may fail with where the caller's own would not, or would say it better.
_OF_THE_TEXT = (InvalidParameter, SqlParseFailed, DmlNotAllowed, DmlFailed, NoAuthority)
_INTEGRITY_CONSTRAINT_VIOLATION = "23"  # a class of SQLSTATE: the row's fault, however written


async def run_statements(
    request: DmlRequest, tools: StatementTools, run: Run[Outcome], *, as_sent: bool = False
) -> list[Outcome]:
    """All of them in one transaction, or an error that tells where and what was meant.

    ``as_sent``: also where others have sent the same with other literals.
    """
    database = authorised(await tools.directory.find(request.database_id), request.caller)
    async with await quota_of_statements(tools.quotas, request.caller, database):
        return await _run_advised(request, database, tools, run, as_sent=as_sent)


async def _run_advised(
    request: DmlRequest,
    database: Database,
    tools: StatementTools,
    run: Run[Outcome],
    *,
    as_sent: bool,
) -> list[Outcome]:
    try:
        if not as_sent and request.params is None:
            return await _run_normalised(request, database, tools, run)
        return await _run(request, _Sql(request.dml, request.params), database, tools, run)
    except TwinbaseError as error:
        error.locate(request.dml)
        if isinstance(error, NoAuthority):
            database = await _still_there(request, tools)
        await advise(error, request.dml, request.environment, database, tools.unit_of_work)
        raise


async def _run_normalised(
    request: DmlRequest, database: Database, tools: StatementTools, run: Run[Outcome]
) -> list[Outcome]:
    normalised = tools.gate.normalised(request.dml)
    if normalised is not None:
        sql = _Sql(normalised.text, normalised.values, of_literals=True)
        try:
            return await _run(request, sql, database, tools, run)
        except _OF_THE_TEXT as error:
            if not _is_perhaps_of_the_text(error):
                raise
            forget_frames(error)
    outcomes = await _run(request, _Sql(request.dml, None), database, tools, run)
    if normalised is not None:
        tools.gate.leave_as_sent(request.dml)
    return outcomes


def _is_perhaps_of_the_text(error: TwinbaseError) -> bool:
    """And so nothing was done: where PostgreSQL has said nothing, a write may be committed."""
    if error.sql is None:
        return not isinstance(error, DmlFailed)
    return not (error.sql.sqlstate or "").startswith(_INTEGRITY_CONSTRAINT_VIOLATION)


async def _run(
    request: DmlRequest,
    sql: _Sql,
    database: Database,
    tools: StatementTools,
    run: Run[Outcome],
) -> list[Outcome]:
    session = TenantSession(
        schema=database.schema(request.environment),
        changed_at=database.update_at,
        row_owner=RowOwner(uid=request.caller.uid, app_id=request.app_id),
        rows=database.rows_for(request.caller),
        label=label_of(request.sid, database.id),
        read_only=request.read_only or not request.may_write,
        timeouts=tools.timeouts.within(request.timeout_ms, request.lock_timeout_ms),
    )
    whose = (database.id, database.owner, session.label)
    return await judged_in_turn(
        sql.text,
        partial(_admitted, sql, session, tools.gate, may_write=request.may_write),
        tools.turns(*whose),
        tools.turns_to_be_judged(*whose),
        partial(_run_within, _Work(request, sql.params, database, session, tools), run),
    )


async def _admitted(
    sql: _Sql, session: TenantSession, gate: Gate, *, may_write: bool
) -> Sequence[DmlStatement]:
    names = frozenset(sql.params) if isinstance(sql.params, dict) else None
    statements = await gate.admit_dml(
        sql.text, session.schema.name, names, of_literals=sql.of_literals
    )
    check_count([statement.parameters for statement in statements], sql.params)
    writes = sorted(_written_by(statements))
    if writes and not may_write:
        raise ScopeMissing(
            f"{writes[0]} needs the scope {Scope.DML_WRITE}, which the key has not got."
        )
    if writes and session.rows is RowAccess.READ_ONLY:
        # PostgreSQL would refuse as well, in words that say less.
        raise NoAuthority(
            f"The rows of this database are read_only (row_access): {writes[0]} is not possible."
        )
    return statements


def _written_by(statements: Sequence[DmlStatement]) -> frozenset[DmlKind]:
    return frozenset(kind for statement in statements for kind in statement.writes)


class _Work(NamedTuple):
    request: DmlRequest
    params: Params | None
    database: Database
    session: TenantSession
    tools: StatementTools


async def _run_within(
    work: _Work, run: Run[Outcome], statements: Sequence[DmlStatement]
) -> list[Outcome]:
    """The quotas: of statements of who asks, of bytes of what he writes to."""
    quotas = work.tools.quotas
    await charge_statements(quotas, work.request.caller, work.database, len(statements))
    writing = _written_by(statements)
    bound: WithinBytes | WithoutQuota = WITHOUT_QUOTA
    if writing and not work.session.read_only:
        limits = await limits_of_database(quotas.limits, work.database)
        if limits.of_bytes:
            only_deletes = writing == {DmlKind.DELETE}
            bound = WithinBytes(work.database, limits, quotas.storage, only_deletes=only_deletes)
    async with bound:
        return await _run_each(work, run, statements, bound)


async def _run_each(
    work: _Work,
    run: Run[Outcome],
    statements: Sequence[DmlStatement],
    bound: WithinBytes | WithoutQuota,
) -> list[Outcome]:
    session, once = work.session, work.request.once
    alone = len(statements) == 1
    # A statement alone is committed as it ends, before anybody here knows of its end.
    writes = not session.read_only and bool(statements[0].writes)
    commits_itself = alone and writes and once is None and bound.room is None
    transaction = work.tools.transaction(session, alone=alone, once=once, room=bound.room)
    async with (
        TimeLimit(session.timeouts.statement, commits_itself=commits_itself) as limit,
        transaction as begun,
    ):
        outcomes = [
            await run(begun, statement, number, values_of(statement.parameters, work.params or ()))
            for number, statement in enumerate(statements, start=1)
        ]
        limit.lift()
        bound.lift()
        await begun.commit(outcomes)
    return outcomes


async def _still_there(request: DmlRequest, tools: StatementTools) -> Database:
    """A table is missing where the whole database was dropped a moment ago, too."""
    tools.directory.forget(request.database_id)
    return authorised(await tools.directory.find(request.database_id), request.caller)
