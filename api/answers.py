"""What /docs tells of a verb beside its models: its name, examples, and the codes it answers."""

from collections.abc import Iterable
from typing import Any

from api.examples import DATA, REQUESTS, SID
from api.once import REPLAYED
from api.once_key import FIELD, HEADER
from api.openapi import EITHER
from api.schemas import Answer
from domain.platform import Scope
from exceptions.errors import (
    AppNotAllowed,
    BodyTooLarge,
    DatabaseBusy,
    DatabaseNotFound,
    DatabaseNotReady,
    DatabaseOperationFailed,
    IdempotencyKeyReused,
    InvalidParameter,
    ScopeMissing,
    ServerError,
    ServiceUnavailable,
    StatementTimeout,
    TwinbaseError,
    Unauthenticated,
    UnsupportedMediaType,
)

_EVERY_VERB = (
    InvalidParameter,
    Unauthenticated,
    ScopeMissing,
    AppNotAllowed,
    BodyTooLarge,
    UnsupportedMediaType,
    DatabaseOperationFailed,
    DatabaseBusy,
    StatementTimeout,
    ServerError,
    ServiceUnavailable,
)

NEEDED_SCOPE = "x-scope"
"""Where a verb's documentation tells what a key must be allowed."""

AUDITED = "x-audited"
"""Where it tells that the audit has a row of each request."""

Responses = dict[int | str, dict[str, Any]]


# Of verbs that take an idempotency key.
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": f"As the field `{FIELD}`, plain or as a string in quotes.",
    "schema": {"type": "string", "minLength": 1},
    "example": '"3f2b6f0e-sale-17"',
}
_REPLAYED_HEADER = {
    REPLAYED: {
        "description": "`true` where this answer is another request's, of the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}


def documented(
    verb: str,
    scope: Scope,
    *errors: type[TwinbaseError],
    once: bool = False,
    audited: bool | None = None,
    media_type: str = "application/json",
) -> dict[str, Any]:
    """For ``router.post``: what differs between the verbs' routes.

    ``scope``: what a key must be allowed. ``once``: the verb takes an idempotency key.
    ``audited``: it changes more than rows; None: as it does where it takes a key.
    ``media_type``: of success; where it is not JSON, no envelope is around it.
    """
    if DatabaseNotFound in errors:
        errors = (*errors, DatabaseNotReady)
    requests = {summary: {"value": body} for summary, body in REQUESTS[verb].items()}
    extra: dict[str, Any] = {
        "requestBody": {"content": {"application/json": {"examples": requests}}},
        NEEDED_SCOPE: str(scope),
        AUDITED: once if audited is None else audited,
        "security": EITHER,
    }
    responses: Responses = {
        200: {
            "description": "0 success",
            "content": {media_type: {"example": _success(verb, media_type)}},
        },
        **answers(*errors, *((IdempotencyKeyReused,) if once else ()), *_EVERY_VERB),
        # FastAPI would tell of a 422 of its own, which never comes.
        "default": {"model": Answer, "description": "Whatever else happens: an envelope"},
    }
    if once:
        extra["parameters"] = [_KEY]
        for status in _statuses_of_kept((InvalidParameter, *errors)):
            responses[status]["headers"] = _REPLAYED_HEADER
    return {"operation_id": verb, "openapi_extra": extra, "responses": responses}


def _success(verb: str, media_type: str) -> object:
    if media_type != "application/json":
        return DATA.get(verb)
    data = {"data": DATA[verb]} if verb in DATA else {}
    return {"code": 0, "message": "success", "sid": SID} | data


def _statuses_of_kept(errors: Iterable[type[TwinbaseError]]) -> set[int]:
    return {200} | {error.http_status for error in errors if not error.is_passing}


def answers(*errors: type[TwinbaseError]) -> Responses:
    """OpenAPI's ``responses``: one entry per HTTP status, one example per code."""
    by_status: Responses = {}
    for error in sorted(set(errors), key=lambda kind: (kind.code, kind.__name__)):
        entry = by_status.setdefault(
            error.http_status, {"model": Answer, "content": {"application/json": {"examples": {}}}}
        )
        examples = entry["content"]["application/json"]["examples"]
        message = error.default_message()
        examples[f"{error.code:d} {error.__name__}"] = {
            "value": {"code": int(error.code), "message": message, "sid": SID}
        }
        entry["description"] = " · ".join(examples)
    return by_status
