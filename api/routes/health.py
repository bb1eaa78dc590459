"""For whoever watches the process: probes, which need no key, and details for administrators."""

from fastapi import APIRouter, Request, Response

from api.answers import answers, documented
from api.envelope import success
from api.health import GetHealthRequest, HealthAnswer, HealthView
from api.schemas import Answer
from api.state import state_of
from api.verbs import VerbRoute
from domain.platform import Scope
from exceptions.errors import NotReady
from service.use_cases.get_health import get_health

router = APIRouter()
verbs = APIRouter(route_class=VerbRoute)


@router.get("/healthz", summary="The process answers", response_model=Answer)
async def healthz(request: Request) -> Response:
    state = state_of(request)
    return success(state["sid"])


@router.get(
    "/readyz",
    summary="Requests can be served: PostgreSQL, migrations, connections, disk",
    response_model=Answer,
    responses={503: answers(NotReady)[503]},
)
async def readyz(request: Request) -> Response:
    state = state_of(request)
    state["stopping"].check()
    await state["readiness"].check()
    return success(state["sid"])


@verbs.post(
    "/get_health",
    summary="Tell how the service and each part of it is, and what to do",
    response_model=HealthAnswer,
    **documented("get_health", Scope.ADMIN),
)
async def health(_body: GetHealthRequest, request: Request) -> Response:
    state = state_of(request)
    return success(state["sid"], HealthView.told(await get_health(state["health"])))
