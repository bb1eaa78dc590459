"""What /docs tells of a verb beside its models: its name, examples, and the codes it answers."""

from typing import Any

from api.examples import DATA, REQUESTS, SID
from api.schemas import Answer
from exceptions.errors import (
    BodyTooLarge,
    DatabaseBusy,
    DatabaseNotFound,
    DatabaseNotReady,
    DatabaseOperationFailed,
    InvalidParameter,
    ServerError,
    ServiceUnavailable,
    StatementTimeout,
    TwinbaseError,
    UnsupportedMediaType,
)

_EVERY_VERB = (
    InvalidParameter,
    BodyTooLarge,
    UnsupportedMediaType,
    DatabaseOperationFailed,
    DatabaseBusy,
    StatementTimeout,
    ServerError,
    ServiceUnavailable,
)

Responses = dict[int | str, dict[str, Any]]


def documented(
    verb: str, *errors: type[TwinbaseError], media_type: str = "application/json"
) -> dict[str, Any]:
    """For ``router.post``: what differs between the verbs' routes.

    ``media_type``: of success; where it is not JSON, no envelope is around it.
    """
    success: object = DATA.get(verb)
    if media_type == "application/json":
        success = {"code": 0, "message": "success", "sid": SID} | (
            {"data": DATA[verb]} if verb in DATA else {}
        )
    requests = {summary: {"value": body} for summary, body in REQUESTS[verb].items()}
    if DatabaseNotFound in errors:
        errors = (*errors, DatabaseNotReady)
    return {
        "operation_id": verb,
        "openapi_extra": {"requestBody": {"content": {"application/json": {"examples": requests}}}},
        "responses": {
            200: {
                "description": "0 success",
                "content": {media_type: {"example": success}},
            },
            **answers(*errors, *_EVERY_VERB),
            # FastAPI would tell of a 422 of its own, which never comes.
            "default": {"model": Answer, "description": "Whatever else happens: an envelope"},
        },
    }


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
