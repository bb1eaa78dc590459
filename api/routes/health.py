"""For whoever watches the process."""

from fastapi import APIRouter, Response

from api.answers import answers
from api.dependencies import ReadinessDep, Sid
from api.envelope import success
from api.schemas import Answer
from exceptions.errors import ServiceUnavailable

router = APIRouter()


@router.get("/healthz", summary="The process answers", response_model=Answer)
async def healthz(sid: Sid) -> Response:
    return success(sid)


@router.get(
    "/readyz",
    summary="PostgreSQL can be reached and is migrated",
    response_model=Answer,
    responses={503: answers(ServiceUnavailable)[503]},
)
async def readyz(readiness: ReadinessDep, sid: Sid) -> Response:
    await readiness.check()
    return success(sid)
