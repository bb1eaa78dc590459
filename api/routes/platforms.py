"""The verbs about platforms and their keys, for those who administer the service; and sharing."""

from functools import partial

from fastapi import APIRouter, Request, Response

from api.answers import documented
from api.auditing import change_of
from api.envelope import success
from api.once import answered, nothing
from api.platforms import (
    CreateKeyRequest,
    CreatePlatformRequest,
    KeyAnswer,
    KeyListAnswer,
    KeyView,
    ListKeysRequest,
    ListPlatformsRequest,
    ModifyPlatformRequest,
    NewKeyAnswer,
    PlatformAnswer,
    PlatformListAnswer,
    PlatformView,
    RevokeKeyRequest,
    ShareDatabaseRequest,
    new_key_told,
)
from api.schemas import Answer
from api.state import state_of
from api.verbs import VerbRoute
from domain.platform import Scope
from exceptions.errors import (
    ApiKeyNotFound,
    DatabaseNotFound,
    ModifyFailed,
    NoAuthority,
    PlatformNameTaken,
    PlatformNotFound,
    SpaceNotFound,
)
from service.use_cases.create_key import create_key
from service.use_cases.create_platform import create_platform
from service.use_cases.list_keys import list_keys
from service.use_cases.list_platforms import list_platforms
from service.use_cases.modify_platform import modify_platform
from service.use_cases.revoke_key import revoke_key
from service.use_cases.share_database import share_database

router = APIRouter(route_class=VerbRoute)


@router.post(
    "/create_platform",
    summary="Create a platform: an application that calls this service with keys",
    response_model=PlatformAnswer,
    **documented("create_platform", Scope.ADMIN, PlatformNameTaken, once=True),
)
async def create(body: CreatePlatformRequest, request: Request) -> Response:
    run = partial(create_platform, body.command, state_of(request)["unit_of_work"])
    return await answered(request, run, PlatformView.told)


@router.post(
    "/list_platforms",
    summary="List all platforms",
    response_model=PlatformListAnswer,
    **documented("list_platforms", Scope.ADMIN),
)
async def list_all(_body: ListPlatformsRequest, request: Request) -> Response:
    state = state_of(request)
    platforms = await list_platforms(state["unit_of_work"])
    return success(state["sid"], {"platforms": [PlatformView.told(each) for each in platforms]})


@router.post(
    "/modify_platform",
    summary="Change what a platform may do; without is_active none of its keys counts",
    response_model=PlatformAnswer,
    **documented("modify_platform", Scope.ADMIN, PlatformNotFound, once=True),
)
async def modify(body: ModifyPlatformRequest, request: Request) -> Response:
    state = state_of(request)
    run = partial(modify_platform, body.command, state["unit_of_work"], state["key_ring"])
    return await answered(request, run, PlatformView.told)


@router.post(
    "/create_key",
    summary="Make one more key for a platform, and tell it this once",
    response_model=NewKeyAnswer,
    **documented("create_key", Scope.ADMIN, PlatformNotFound, audited=True),
)
async def create_one(body: CreateKeyRequest, request: Request) -> Response:
    state = state_of(request)
    made = await create_key(
        body.command, state["unit_of_work"], state["key_ring"], change_of(state)
    )
    return success(state["sid"], new_key_told(made))


@router.post(
    "/list_keys",
    summary="List a platform's keys, by their prefixes",
    response_model=KeyListAnswer,
    **documented("list_keys", Scope.ADMIN, PlatformNotFound),
)
async def list_of_platform(body: ListKeysRequest, request: Request) -> Response:
    state = state_of(request)
    keys = await list_keys(body.platform_name, state["unit_of_work"])
    return success(state["sid"], {"keys": [KeyView.told(key) for key in keys]})


@router.post(
    "/revoke_key",
    summary="Revoke a key, for good",
    response_model=KeyAnswer,
    **documented("revoke_key", Scope.ADMIN, ApiKeyNotFound, once=True),
)
async def revoke(body: RevokeKeyRequest, request: Request) -> Response:
    state = state_of(request)
    run = partial(revoke_key, body.prefix, state["unit_of_work"], state["key_ring"])
    return await answered(request, run, KeyView.told)


@router.post(
    "/share_database",
    summary="Say which other platforms reach a database",
    response_model=Answer,
    **documented(
        "share_database",
        Scope.DATABASES_WRITE,
        DatabaseNotFound,
        SpaceNotFound,
        PlatformNotFound,
        NoAuthority,
        ModifyFailed,
        once=True,
    ),
)
async def share(body: ShareDatabaseRequest, request: Request) -> Response:
    state = state_of(request)
    run = partial(share_database, body.command(state), state["unit_of_work"], state["directory"])
    return await answered(request, run, nothing)
