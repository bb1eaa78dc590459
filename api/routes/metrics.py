"""What Prometheus scrapes: numbers of the whole service, and nothing of any tenant."""

import asyncio
from hmac import compare_digest

from fastapi import APIRouter, Request, Response

from api.headers import header
from api.state import state_of
from exceptions.errors import Unauthenticated, UnknownPath
from service.telemetry.page import page

PATH = "/metrics"

router = APIRouter()

_ASKED_FOR = "The metrics need their token: Authorization: Bearer <TWINBASE_METRICS_TOKEN>."


@router.get(PATH, include_in_schema=False)  # it answers no envelope
async def metrics(request: Request) -> Response:
    state = state_of(request)
    scrape = state["scrape"]
    if not scrape.is_on:
        raise UnknownPath
    if scrape.token is not None and not _has(scrape.token, request):
        raise Unauthenticated(_ASKED_FOR)
    accepted = header(request.scope, b"accept") or b""
    values = await scrape.values()
    # It takes some milliseconds, in which others are served.
    told, media_type = await asyncio.to_thread(page, values, accepted.decode("latin-1"))
    return Response(told, headers={"content-type": media_type})


def _has(token: bytes, request: Request) -> bool:
    scheme, _, given = (header(request.scope, b"authorization") or b"").partition(b" ")
    return scheme.lower() == b"bearer" and compare_digest(given.strip(), token)
