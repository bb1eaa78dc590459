"""The only place where an error becomes an answer."""

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
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
    UnknownPath,
)

_BY_STATUS: Mapping[int, type[TwinbaseError]] = {
    404: UnknownPath,
    405: MethodNotAllowed,
    413: BodyTooLarge,
}

_LOG = structlog.get_logger("twinbase.requests")

_NOT_THE_CALLERS = 500
_MOST_FIELDS_TOLD = 10
_MOST_OF_A_NAME = 64  # of a field that is none of ours


def register(app: FastAPI) -> None:
    app.add_exception_handler(TwinbaseError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)


def render(request: Request, error: TwinbaseError) -> Response:
    """Also tells the log what was behind an answer that is not the caller's fault."""
    request.state.code = error.code
    cause = error.__cause__
    # What takes too long is the caller's own statement, and the request's line says so.
    told = error.http_status >= _NOT_THE_CALLERS and not isinstance(error, StatementTimeout)
    if told and cause is not None:
        # Overload makes many of the first kind, and where it arose tells nothing.
        if isinstance(error, ServiceUnavailable):
            _LOG.warning("postgresql_unavailable", cause=type(cause).__name__)
        else:
            _LOG.error("request_not_served", code=int(error.code), exc_info=cause)
    return failure(request.state.sid, error)


async def _on_ours(request: Request, error: Exception) -> Response:
    return render(request, error if isinstance(error, TwinbaseError) else ServerError())


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    return render(request, InvalidParameter(_say(problems)))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own refusals, and ours that arose while FastAPI read the body."""
    if isinstance(error.__cause__, TwinbaseError):
        return render(request, error.__cause__)
    if not isinstance(error, HTTPException):
        return render(request, ServerError())
    answer = render(request, _BY_STATUS.get(error.status_code, InvalidParameter)())
    answer.headers.update(error.headers or {})  # a 405 says which methods are allowed
    return answer


def _say(problems: Iterable[Mapping[str, Any]]) -> str:
    """Names each field and what was expected; never repeats the value."""
    sentences = [_sentence(problem) for problem in problems]
    told = sentences[:_MOST_FIELDS_TOLD]
    if len(sentences) > len(told):
        told.append(f"and {len(sentences) - len(told)} more")
    return "; ".join(told)


def _sentence(problem: Mapping[str, Any]) -> str:
    kind = problem["type"]
    if kind == "json_invalid":
        return f"The body is not valid JSON: {problem['ctx']['error']}"
    # The first part of a place is always "body"; what is deeper belongs to the field's value.
    field = ".".join(str(part)[:_MOST_OF_A_NAME] for part in problem["loc"][1:])
    if not problem["loc"][1:]:
        return "The body must be a JSON object with the verb's fields"
    if kind == "missing":
        return f"{field}: is required"
    if kind == "extra_forbidden":
        return f"{field}: is not a field of this verb"
    said = str(problem["msg"])
    return f"{field}: {said[:1].lower()}{said[1:]}"
