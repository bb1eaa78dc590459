"""From fields, wherever they came from, to the body of a verb."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.audit import LONGEST_TARGET, Affected
from exceptions.errors import InvalidParameter

Body = TypeVar("Body", bound=BaseModel)

# The fields whose values name what is changed, or what it is changed to; the first that a verb has.
_TARGETS = (
    "target",
    "prefix",
    "platform_name",
    "platform_names",
    "new_database_name",
    "database_name",
    "row_access",
)

_MOST_FIELDS_TOLD = 10
_MOST_OF_A_NAME = 64  # of a field that is none of ours


def body_of(model: type[Body], fields: Mapping[str, object]) -> Body:
    """Raises InvalidParameter."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise _refusal(error) from None  # it holds the values


def subject_of(body: BaseModel | None) -> Affected:
    """What the audit tells that a request asks to be changed."""
    return Affected(
        database_id=getattr(body, "database_id", None),
        target=_target_of(body),
        operation_id=getattr(body, "operation_id", None),
    )


def _target_of(body: BaseModel | None) -> str | None:
    for field in _TARGETS:
        value = getattr(body, field, None)
        if value:
            named = value if isinstance(value, str) else ",".join(sorted(value))
            return named[:LONGEST_TARGET]
    return None


def _refusal(error: ValidationError) -> InvalidParameter:
    """Names each field and what was expected; never repeats the value."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    told = [_sentence(problem) for problem in problems[:_MOST_FIELDS_TOLD]]
    if len(problems) > len(told):
        told.append(f"and {len(problems) - len(told)} more")
    return InvalidParameter("; ".join(told))


def _sentence(problem: Mapping[str, Any]) -> str:
    field = ".".join(str(part)[:_MOST_OF_A_NAME] for part in problem["loc"])
    match problem["type"]:
        case "missing":
            return f"{field}: is required"
        case "extra_forbidden":
            return f"{field}: is not a field of this verb"
    said = str(problem["msg"])
    said = f"{said[:1].lower()}{said[1:]}"
    return f"{field}: {said}" if field else said  # without one: of the body as a whole
