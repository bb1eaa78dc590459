"""The verbs that run a caller's SQL."""

from collections.abc import Sequence
from time import perf_counter

from fastapi import APIRouter, Request, Response

from api.answers import documented
from api.descriptions import DdlAnswer, DdlList, DdlListAnswer, DryRun
from api.envelope import success
from api.hang_up import while_connected
from api.once import answered, answered_once
from api.rows import dml_data, dml_data_within
from api.schemas import Answer
from api.state import State, state_of
from api.statements import (
    CancelStatementRequest,
    DmlAnswer,
    ExecDdlRequest,
    ExecDmlRequest,
    ExplainAnswer,
    ExplainDmlRequest,
    ListDdlRequest,
)
from api.verbs import VerbRoute
from domain.answers import StatementResult
from domain.audit import AuditedChange
from domain.changes import Change
from domain.once import MOST_KEPT, Once, OnceKey
from domain.platform import Scope
from exceptions.errors import (
    DatabaseNotFound,
    DdlFailed,
    DdlNotAllowed,
    DmlFailed,
    DmlNotAllowed,
    NoAuthority,
    NoSchema,
    SpaceNotFound,
    SqlParseFailed,
    StatementCancelled,
    StatementNotFound,
    TooManyStatements,
)
from exceptions.quotas import ConcurrencyExceeded, QuotaExceeded, RateExceeded
from service.use_cases.cancel_statement import cancel_statement
from service.use_cases.exec_ddl import exec_ddl
from service.use_cases.exec_dml import exec_dml
from service.use_cases.explain_dml import explain_dml
from service.use_cases.list_ddl import list_ddl

router = APIRouter(route_class=VerbRoute)

_REFUSALS = (DatabaseNotFound, SpaceNotFound, NoAuthority, SqlParseFailed)
_OVER = (TooManyStatements, QuotaExceeded, RateExceeded, ConcurrencyExceeded)
_DDL_REFUSALS = (NoSchema, DdlNotAllowed, DdlFailed, StatementCancelled, *_OVER)
_DML_REFUSALS = (NoSchema, DmlNotAllowed, DmlFailed, StatementCancelled, *_OVER)


@router.post(
    "/exec_ddl",
    summary="Run DDL on both schemas of a database, or on one, all or nothing",
    response_model=DdlAnswer,
    **documented("exec_ddl", Scope.DDL, *_REFUSALS, *_DDL_REFUSALS, once=True),
)
async def ddl(body: ExecDdlRequest, request: Request) -> Response:
    state = state_of(request)

    async def run(change: AuditedChange | None) -> list[Change] | None:
        command = body.command(state, change)
        return await while_connected(request, exec_ddl(command, state["statement_tools"]))

    if not body.dry_run:
        return await answered(request, run, lambda _changes: None)
    state["change"] = None  # it is none, and neither is its refusal
    return success(state["sid"], DryRun.of(await run(None) or []).model_dump())


@router.post(
    "/list_ddl",
    summary="List what exec_ddl has run on a database, newest first",
    response_model=DdlListAnswer,
    **documented("list_ddl", Scope.DATABASES_READ, DatabaseNotFound, SpaceNotFound),
)
async def ddl_page(body: ListDdlRequest, request: Request) -> Response:
    state = state_of(request)
    page = await list_ddl(body.command(state), state["unit_of_work"])
    return success(state["sid"], DdlList.of(page).model_dump())


@router.post(
    "/exec_dml",
    summary="Run SELECT, INSERT, UPDATE, DELETE, MERGE in one schema, in one transaction",
    response_model=DmlAnswer,
    response_model_exclude_none=True,
    **documented("exec_dml", Scope.DML_READ, *_REFUSALS, *_DML_REFUSALS, once=True, audited=False),
)
async def dml(body: ExecDmlRequest, request: Request) -> Response:
    state = state_of(request)
    if state["once_key"] is not None and not body.read_only:
        return await _dml_once(body, request, state["once_key"])
    outcome = await while_connected(
        request,
        exec_dml(body.request(state, read_only=body.read_only), state["statement_tools"]),
    )
    _tell_rows(state, outcome.results)
    data = await dml_data(outcome.results, outcome.seconds, compact=body.compact)
    return success(state["sid"], data)


async def _dml_once(body: ExecDmlRequest, request: Request, key: OnceKey) -> Response:
    state = state_of(request)
    started = perf_counter()

    async def run(once: Once) -> Sequence[StatementResult]:
        command = body.request(state, once=once)
        outcome = await while_connected(request, exec_dml(command, state["statement_tools"]))
        _tell_rows(state, outcome.results)
        return outcome.results

    async def data_of(results: Sequence[StatementResult]) -> object:
        seconds = perf_counter() - started
        return await dml_data_within(MOST_KEPT, results, seconds, compact=body.compact)

    return await answered_once(request, key, run, data_of)


def _tell_rows(state: State, results: Sequence[StatementResult]) -> None:
    """To whoever counts; those of a keyed answer that are cut off later, too."""
    state["rows_in"] = sum(result.affected_rows for result in results)
    state["rows_out"] = sum(len(result.rows) for result in results)


@router.post(
    "/explain_dml",
    summary="Tell PostgreSQL's plan of the statements that exec_dml would run, and run nothing",
    response_model=ExplainAnswer,
    **documented("explain_dml", Scope.DML_READ, *_REFUSALS, *_DML_REFUSALS),
)
async def explain(body: ExplainDmlRequest, request: Request) -> Response:
    state = state_of(request)
    plans = await while_connected(
        request, explain_dml(body.request(state), state["statement_tools"])
    )
    return success(state["sid"], {"plans": plans})


@router.post(
    "/cancel_statement",
    summary="End what a request of this database is running",
    response_model=Answer,
    **documented(
        "cancel_statement", Scope.DML_READ, DatabaseNotFound, SpaceNotFound, StatementNotFound
    ),
)
async def cancel(body: CancelStatementRequest, request: Request) -> Response:
    state = state_of(request)
    await cancel_statement(body.command(state), state["directory"], state["running_statements"])
    return success(state["sid"])
