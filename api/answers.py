"""Which codes a verb may answer, for /docs."""

from typing import Any

from api.schemas import Answer
from exceptions.errors import (
    BodyTooLarge,
    DatabaseBusy,
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
    DatabaseBusy,
    StatementTimeout,
    ServerError,
    ServiceUnavailable,
)


def answers(*errors: type[TwinbaseError]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's ``responses``: one entry per HTTP status, one example per code."""
    by_status: dict[int | str, dict[str, Any]] = {}
    kinds: set[type[TwinbaseError]] = {*errors, *_EVERY_VERB}
    for error in sorted(kinds, key=lambda kind: (kind.code, kind.__name__)):
        entry = by_status.setdefault(
            error.http_status, {"model": Answer, "content": {"application/json": {"examples": {}}}}
        )
        examples = entry["content"]["application/json"]["examples"]
        examples[f"{error.code:d} {error.__name__}"] = {
            "value": {
                "code": int(error.code),
                "message": error.default_message(),
                "sid": "tb5f0c8a1e6d7b42f19c3e0a8d4b6f1c27",
            }
        }
        entry["description"] = " · ".join(examples)
    return by_status
