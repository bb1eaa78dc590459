"""For whoever watches the process."""

from fastapi import APIRouter, Request, Response

from api.answers import answers
from api.envelope import success
from api.schemas import Answer
from api.state import state_of
from exceptions.errors import ServiceUnavailable

router = APIRouter()


@router.get("/healthz", summary="The process answers", response_model=Answer)
async def healthz(request: Request) -> Response:
    state = state_of(request)
    return success(state["sid"])


@router.get(
    "/readyz",
    summary="PostgreSQL can be reached and is migrated",
    response_model=Answer,
    responses={503: answers(ServiceUnavailable)[503]},
)
async def readyz(request: Request) -> Response:
    state = state_of(request)
    await state["readiness"].check()
    return success(state["sid"])
