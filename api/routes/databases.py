"""The verbs on whole databases."""

from functools import partial

from fastapi import APIRouter, Request, Response

from api.answers import documented
from api.clones import CloneDatabaseRequest
from api.descriptions import DatabaseAnswer, DatabaseView
from api.envelope import success
from api.once import answered, answered_at_the_end, nothing
from api.operations import ClonedAnswer, ClonedView, DroppedAnswer, DroppedView
from api.schemas import (
    Answer,
    CreatedAnswer,
    CreateDatabaseRequest,
    DatabaseList,
    DropDatabaseRequest,
    GetDatabaseRequest,
    ListAnswer,
    ListDatabasesRequest,
    ModifyDbDescriptionRequest,
    SetRowAccessRequest,
)
from api.state import state_of
from api.verbs import VerbRoute
from domain.platform import Scope
from exceptions.errors import (
    CloneNotPossible,
    CreateFailed,
    DatabaseNameTaken,
    DatabaseNotFound,
    DropFailed,
    ModifyFailed,
    NoAuthority,
    OperationCancelled,
    OperationInterrupted,
    SpaceNotFound,
)
from exceptions.quotas import ConcurrencyExceeded, QuotaExceeded
from service.use_cases.clone_database import clone_database
from service.use_cases.create_database import create_database
from service.use_cases.drop_database import drop_database
from service.use_cases.get_database import get_database
from service.use_cases.list_databases import list_databases
from service.use_cases.modify_db_description import modify_db_description
from service.use_cases.set_row_access import set_row_access

router = APIRouter(route_class=VerbRoute)

_REFUSED_CHANGES = (DatabaseNotFound, SpaceNotFound, NoAuthority, ModifyFailed)


@router.post(
    "/create_database",
    summary="Create a database: an empty pair of schemas",
    response_model=CreatedAnswer,
    **documented(
        "create_database",
        Scope.DATABASES_WRITE,
        DatabaseNameTaken,
        CreateFailed,
        QuotaExceeded,
        once=True,
    ),
)
async def create(body: CreateDatabaseRequest, request: Request) -> Response:
    state = state_of(request)
    create_it = partial(
        create_database, body.command(state), state["unit_of_work"], state["limits"]
    )
    return await answered(request, create_it, lambda database: {"database_id": database.id})


@router.post(
    "/clone_database",
    summary="Clone a database: structure and rows of both schemas, as of one moment",
    response_model=ClonedAnswer,
    response_model_exclude_none=True,
    **documented(
        "clone_database",
        Scope.DATABASES_WRITE,
        DatabaseNotFound,
        SpaceNotFound,
        DatabaseNameTaken,
        CloneNotPossible,
        CreateFailed,
        QuotaExceeded,
        ConcurrencyExceeded,
        OperationCancelled,
        OperationInterrupted,
        once=True,
    ),
)
async def clone(body: CloneDatabaseRequest, request: Request) -> Response:
    state = state_of(request)
    begin = partial(clone_database, body.command(state), state["operation_tools"])
    return await answered_at_the_end(request, begin, ClonedView.told, wait=body.wait)


@router.post(
    "/drop_database",
    summary="Drop a database with everything in it",
    response_model=DroppedAnswer,
    response_model_exclude_none=True,
    **documented(
        "drop_database",
        Scope.DATABASES_WRITE,
        DatabaseNotFound,
        SpaceNotFound,
        NoAuthority,
        DropFailed,
        once=True,
    ),
)
async def drop(body: DropDatabaseRequest, request: Request) -> Response:
    state = state_of(request)
    begin = partial(drop_database, body.command(state), state["operation_tools"])
    return await answered_at_the_end(request, begin, DroppedView.told, wait=body.wait)


@router.post(
    "/modify_db_description",
    summary="Change a database's description",
    response_model=Answer,
    **documented(
        "modify_db_description",
        Scope.DATABASES_WRITE,
        *_REFUSED_CHANGES,
        once=True,
    ),
)
async def modify_description(body: ModifyDbDescriptionRequest, request: Request) -> Response:
    state = state_of(request)
    modify = partial(
        modify_db_description, body.command(state), state["unit_of_work"], state["directory"]
    )
    return await answered(request, modify, nothing)


@router.post(
    "/set_row_access",
    summary="Say which rows the callers of a database reach: own, space or read_only",
    response_model=Answer,
    **documented(
        "set_row_access",
        Scope.DATABASES_WRITE,
        *_REFUSED_CHANGES,
        once=True,
    ),
)
async def set_access(body: SetRowAccessRequest, request: Request) -> Response:
    state = state_of(request)
    set_it = partial(set_row_access, body.command(state), state["unit_of_work"], state["directory"])
    return await answered(request, set_it, nothing)


@router.post(
    "/list_databases",
    summary="List the databases of a uid, or of a space",
    response_model=ListAnswer,
    **documented("list_databases", Scope.DATABASES_READ),
)
async def list_page(body: ListDatabasesRequest, request: Request) -> Response:
    state = state_of(request)
    page = await list_databases(body.command(state), state["unit_of_work"])
    return success(state["sid"], DatabaseList.of(page).model_dump())


@router.post(
    "/get_database",
    summary="Describe a database: both schemas' tables, columns, keys, comments, sizes",
    response_model=DatabaseAnswer,
    **documented("get_database", Scope.DATABASES_READ, DatabaseNotFound, SpaceNotFound),
)
async def get(body: GetDatabaseRequest, request: Request) -> Response:
    state = state_of(request)
    description = await get_database(body.command(state), state["unit_of_work"])
    return success(state["sid"], DatabaseView.described(description).model_dump())
