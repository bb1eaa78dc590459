"""The verbs that run a caller's SQL."""

from fastapi import APIRouter, Response

from api.answers import documented
from api.dependencies import DirectoryDep, Sid, TransactionDep, UnitOfWorkDep
from api.envelope import success
from api.requests import JsonRoute
from api.schemas import Answer, DmlAnswer, ExecDdlRequest, ExecDmlRequest
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
)
from service.use_cases.exec_ddl import ExecDdl, exec_ddl
from service.use_cases.exec_dml import ExecDml, exec_dml

router = APIRouter(route_class=JsonRoute, strict_content_type=False)

_REFUSALS = (DatabaseNotFound, SpaceNotFound, NoAuthority, SqlParseFailed)


@router.post(
    "/exec_ddl",
    summary="Run DDL on both schemas of a database, all or nothing",
    response_model=Answer,
    **documented("exec_ddl", *_REFUSALS, DdlNotAllowed, DdlFailed),
)
async def ddl(body: ExecDdlRequest, unit_of_work: UnitOfWorkDep, sid: Sid) -> Response:
    await exec_ddl(ExecDdl(body.database_id, body.caller, body.ddl), unit_of_work)
    return success(sid)


@router.post(
    "/exec_dml",
    summary="Run SELECT, INSERT, UPDATE, DELETE in one schema of a database, in one transaction",
    response_model=DmlAnswer,
    response_model_exclude_none=True,
    **documented("exec_dml", *_REFUSALS, NoSchema, DmlNotAllowed, DmlFailed),
)
async def dml(
    body: ExecDmlRequest, directory: DirectoryDep, transaction: TransactionDep, sid: Sid
) -> Response:
    command = ExecDml(body.database_id, body.caller, body.app_id, body.dml, body.env)
    outcome = await exec_dml(command, directory, transaction)
    data: dict[str, object] = {
        "exec_success": outcome.rows,
        "exec_failure": [],
        "exec_time": round(outcome.seconds, 6),
    }
    if outcome.truncated:
        data["truncated"] = True
    return success(sid, data)
