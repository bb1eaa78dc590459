"""The verbs about long work: what is known of it, ending it, watching it."""

from collections.abc import AsyncIterator

import orjson
from fastapi import APIRouter, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.answers import NEEDED_SCOPE, documented
from api.auditing import change_of
from api.envelope import success
from api.operations import (
    ListOperationsRequest,
    OperationAnswer,
    OperationList,
    OperationListAnswer,
    OperationRequest,
    OperationView,
)
from api.state import state_of
from api.stepping import apart
from api.verbs import QueryRoute, VerbRoute
from domain.operation import Operation
from domain.platform import Scope
from exceptions.errors import OperationFinished, OperationNotCancellable, OperationNotFound
from service.use_cases.cancel_operation import CancelOperation, cancel_operation
from service.use_cases.get_operation import get_operation
from service.use_cases.list_operations import list_operations
from service.use_cases.watch_operation import watch_operation

router = APIRouter(route_class=VerbRoute)
by_get = APIRouter(route_class=QueryRoute)


@router.post(
    "/get_operation",
    summary="Tell how far an operation is, and what came of it",
    response_model=OperationAnswer,
    **documented("get_operation", Scope.DATABASES_READ, OperationNotFound),
)
async def get(body: OperationRequest, request: Request) -> Response:
    state = state_of(request)
    operation = await get_operation(body.command(state), state["unit_of_work"])
    return success(state["sid"], OperationView.of(operation).model_dump())


@router.post(
    "/list_operations",
    summary="List the operations of a uid, or of a space, newest first",
    response_model=OperationListAnswer,
    **documented("list_operations", Scope.DATABASES_READ),
)
async def list_page(body: ListOperationsRequest, request: Request) -> Response:
    state = state_of(request)
    page = await list_operations(body.command(state), state["unit_of_work"])
    return success(state["sid"], OperationList.of(page).model_dump())


@router.post(
    "/cancel_operation",
    summary="End an operation and take away what it has made",
    response_model=OperationAnswer,
    **documented(
        "cancel_operation",
        Scope.DATABASES_WRITE,
        OperationNotFound,
        OperationFinished,
        OperationNotCancellable,
        audited=True,
    ),
)
async def cancel(body: OperationRequest, request: Request) -> Response:
    state = state_of(request)
    command = CancelOperation(body.operation_id, state["caller"])
    operation = await cancel_operation(command, state["operation_tools"], change_of(state))
    return success(state["sid"], OperationView.of(operation).model_dump())


@router.post(
    "/watch_operation",
    summary="Follow an operation to its end: server-sent events, each as get_operation answers",
    response_class=EventSourceResponse,
    **documented(
        "watch_operation", Scope.DATABASES_READ, OperationNotFound, media_type="text/event-stream"
    ),
)
async def watch(body: OperationRequest, request: Request) -> Response:
    state = state_of(request)
    seen = await watch_operation(body.command(state), state["operation_tools"])
    return EventSourceResponse(_events(apart(seen)))


by_get.add_api_route(
    "/watch_operation",
    watch,
    methods=["GET"],
    include_in_schema=False,
    openapi_extra={NEEDED_SCOPE: Scope.DATABASES_READ},
)


async def _events(seen: AsyncIterator[Operation]) -> AsyncIterator[ServerSentEvent]:
    async for operation in seen:
        data = orjson.dumps(OperationView.of(operation).model_dump()).decode()
        yield ServerSentEvent(event=operation.status, data=data)
