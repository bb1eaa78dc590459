"""The verbs about quotas, for those who administer the service, and about what is used."""

from functools import partial

from fastapi import APIRouter, Request, Response

from api.answers import documented
from api.authentication import platform_asked
from api.envelope import success
from api.once import answered
from api.quotas import (
    ListQuotasRequest,
    QuotaList,
    QuotaListAnswer,
    SetQuotaAnswer,
    SetQuotaRequest,
    SetQuotaView,
)
from api.state import state_of
from api.usage import GetUsageRequest, UsageAnswer, UsageReportView
from api.verbs import VerbRoute
from domain.platform import Scope
from exceptions.errors import PlatformNotFound
from service.use_cases.get_usage import get_usage
from service.use_cases.list_quotas import list_quotas
from service.use_cases.set_quota import set_quota

router = APIRouter(route_class=VerbRoute)


@router.post(
    "/set_quota",
    summary="Say how much a platform, a space or a uid may have and do",
    response_model=SetQuotaAnswer,
    **documented("set_quota", Scope.ADMIN, PlatformNotFound, once=True),
)
async def set_one(body: SetQuotaRequest, request: Request) -> Response:
    state = state_of(request)
    run = partial(set_quota, body.command, state["unit_of_work"], state["limits"])
    return await answered(request, run, SetQuotaView.told)


@router.post(
    "/list_quotas",
    summary="List the quotas that were set, and what holds where none is",
    response_model=QuotaListAnswer,
    **documented("list_quotas", Scope.ADMIN, PlatformNotFound),
)
async def list_all(body: ListQuotasRequest, request: Request) -> Response:
    state = state_of(request)
    quotas = await list_quotas(body.platform_name, state["unit_of_work"])
    return success(state["sid"], QuotaList.told(quotas, state["limits"].default))


@router.post(
    "/get_usage",
    summary="Tell how many databases, tables, rows and bytes there are now",
    response_model=UsageAnswer,
    **documented("get_usage", Scope.DATABASES_READ, PlatformNotFound),
)
async def usage(body: GetUsageRequest, request: Request) -> Response:
    state = state_of(request)
    command = body.command(platform_asked(state["identity"], body.platform_name))
    report = await get_usage(command, state["unit_of_work"])
    return success(state["sid"], UsageReportView.told(report))
