"""What a request is served with: collaborators from the lifespan, and what it is itself."""

from typing import TypedDict, cast

from starlette.requests import Request

from domain.once import OnceKey
from domain.ports import (
    DatabaseDirectory,
    KeysUnderWay,
    Readiness,
    RunningStatements,
    UnitOfWorkFactory,
)
from exceptions.codes import ErrorCode
from service.use_cases.operation_tools import OperationTools
from service.use_cases.statements import StatementTools


class AppState(TypedDict):
    """What a worker's lifespan gives."""

    unit_of_work: UnitOfWorkFactory
    directory: DatabaseDirectory
    statement_tools: StatementTools
    running_statements: RunningStatements
    operation_tools: OperationTools
    keys_under_way: KeysUnderWay
    readiness: Readiness


class State(AppState):
    """``sid`` and ``code``, the request's own, come from the RequestBoundary.

    ``once_key``: of verbs that take one, None where the request has none.
    """

    sid: str
    code: ErrorCode
    once_key: OnceKey | None


def state_of(request: Request) -> State:
    return cast(State, request.scope["state"])
