"""The verb about past requests, for who runs the service and for who calls it."""

from fastapi import APIRouter, Request, Response

from api.answers import documented
from api.authentication import platform_asked
from api.envelope import success
from api.state import state_of
from api.statistics import GetStatisticsRequest, StatisticsAnswer, told
from api.verbs import VerbRoute
from domain.platform import Scope
from exceptions.errors import PlatformNotFound
from service.use_cases.get_statistics import get_statistics

router = APIRouter(route_class=VerbRoute)


@router.post(
    "/get_statistics",
    summary="Tell how many requests there were, of which outcome, and how long they took",
    response_model=StatisticsAnswer,
    **documented("get_statistics", Scope.DATABASES_READ, PlatformNotFound),
)
async def statistics(body: GetStatisticsRequest, request: Request) -> Response:
    state = state_of(request)
    command = body.command(platform_asked(state["identity"], body.platform_name))
    found = await get_statistics(command, state["unit_of_work"], state["tally"], state["keeping"])
    return success(state["sid"], await told(found))
