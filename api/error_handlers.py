"""The only place where an error becomes an answer."""

from collections.abc import Mapping
from math import ceil

import structlog
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from api.envelope import failure
from exceptions.errors import (
    BodyTooLarge,
    InvalidParameter,
    MethodNotAllowed,
    ServerError,
    ServiceUnavailable,
    StatementTimeout,
    TwinbaseError,
    Unauthenticated,
    UnknownPath,
)
from exceptions.frames import forget_frames
from exceptions.quotas import QuotaError

_BY_STATUS: Mapping[int, type[TwinbaseError]] = {
    404: UnknownPath,
    405: MethodNotAllowed,
    413: BodyTooLarge,
}

_LOG = structlog.get_logger("twinbase.requests")

_NOT_THE_CALLERS = 500


def register(app: FastAPI) -> None:
    app.add_exception_handler(TwinbaseError, _on_ours)
    app.add_exception_handler(HTTPException, _on_http_exception)


def render(request: Request, error: TwinbaseError) -> Response:
    """Also tells the log what was behind an answer that is not the caller's fault."""
    request.state.code = error.code
    if isinstance(error, QuotaError) and error.quota is not None:
        request.state.metrics.quota_refused(error.quota.resource, error.quota.of)
    cause = error.__cause__
    # What takes too long is the caller's own statement, and the request's line says so.
    told = error.http_status >= _NOT_THE_CALLERS and not isinstance(error, StatementTimeout)
    if told and cause is not None:
        # Overload makes many of the first kind, and where it arose tells nothing.
        if isinstance(error, ServiceUnavailable):
            _LOG.warning("postgresql_unavailable", cause=type(cause).__name__)
        else:
            _LOG.error("request_not_served", code=int(error.code), exc_info=cause)
    answer = failure(request.state.sid, error)
    if isinstance(error, Unauthenticated):
        answer.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110 asks for it
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(ceil(error.retry_after))  # whole seconds, says RFC 9110
    forget_frames(error)
    return answer


async def _on_ours(request: Request, error: Exception) -> Response:
    return render(request, error if isinstance(error, TwinbaseError) else ServerError())


async def _on_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own refusals."""
    if not isinstance(error, HTTPException):
        return render(request, ServerError())
    answer = render(request, _BY_STATUS.get(error.status_code, InvalidParameter)())
    answer.headers.update(error.headers or {})  # a 405 says which methods are allowed
    return answer
