"""The contract's fields as types: what each may hold, said once and shown in /docs."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.database import RowAccess
from domain.once import LONGEST_KEY
from domain.operation import OperationStatus
from domain.schema import Environment

MOST_DATABASE_ID = 2**63 - 1
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FORBIDDEN_IN_NAMES = re.compile(r"[！@#￥%…&*()\u4e00-\u9fa5]")
_NOT_IN_NAMES = re.compile(f"{_CONTROL.pattern}|{_FORBIDDEN_IN_NAMES.pattern}|:")


def without_control_characters(value: str) -> str:
    if _CONTROL.search(value):
        raise PydanticCustomError("control_character", "must not contain control characters")
    return value


def without_nul(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("nul_character", "must not contain a NUL character")
    return value


def _without_forbidden(value: str) -> str:
    if _NOT_IN_NAMES.search(value) is None:
        return value
    without_control_characters(value)
    if _FORBIDDEN_IN_NAMES.search(value):
        raise PydanticCustomError(
            "forbidden_character", "must not contain ！@#￥%……&*() or Chinese characters"
        )
    raise PydanticCustomError(
        "colon",
        "must not contain a colon: rows are stamped app_id:uid, which must be unambiguous",
    )


def _integer(value: object) -> object:
    """A JSON integer, or one in a decimal string; not 1.0, not true."""
    if type(value) is int:  # and not bool, which is a kind of it
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value):
        return int(value)
    raise PydanticCustomError("integer", "must be an integer, or an integer in a decimal string")


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _number_to_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _null_is_empty(value: object) -> object:
    return "" if value is None else value


Uid = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="The caller's user: 1–64 characters, none of ！@#￥%……&*(): nor Chinese.",
        examples=["u-1001"],
    ),
    AfterValidator(_without_forbidden),
]

AppId = Annotated[
    str,
    Field(
        max_length=64,
        description="The calling application: up to 64 characters, none of ！@#￥%……&*(): nor "
        "Chinese; may be empty. Rows that it writes carry `app_id:uid`.",
        examples=["app01"],
    ),
    AfterValidator(_without_forbidden),
]

SpaceId = Annotated[
    Annotated[str, Field(max_length=64), AfterValidator(without_control_characters)] | None,
    BeforeValidator(_empty_is_none),
    BeforeValidator(_number_to_text),
    Field(
        description="A team space, usually a decimal string; absent, empty or null: none. "
        "A call that names a database's space acts for the space.",
        examples=["77"],
    ),
]

_Identity = Annotated[int, Field(ge=1, le=MOST_DATABASE_ID)]

DatabaseId = Annotated[
    _Identity,
    BeforeValidator(_integer),
    Field(
        description="An integer above 2^31 and below 2^53; a decimal string is accepted too.",
        examples=[245133529153536],
    ),
]

OneUid = Annotated[Uid | None, Field(description="One uid only; absent or null: none.")]

OneDatabase = Annotated[
    DatabaseId | None, Field(description="One database only; absent or null: all.")
]

DatabaseName = Annotated[
    str,
    Field(
        pattern=r"^[a-zA-Z][a-zA-Z0-9_]{0,19}$",
        description="1–20 characters: a letter, then letters, digits and underscores.",
        examples=["orders"],
    ),
]


def _copy_name(value: str) -> str:
    if not all(character.isalnum() or character in "_-" for character in value):
        raise PydanticCustomError("copy_name", "must hold letters, digits, _ and - only")
    return value


CopyName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="1–64 characters: letters of any script, digits, `_` and `-`.",
        examples=["orders_副本"],
    ),
    AfterValidator(_copy_name),
]

_DescriptionText = Annotated[str, Field(max_length=200), AfterValidator(without_nul)]

Description = Annotated[
    _DescriptionText,
    BeforeValidator(_null_is_empty),
    Field(
        description="Up to 200 characters; absent, empty or null: none.", examples=["What we sold"]
    ),
]

NewDescription = Annotated[
    _DescriptionText | None,
    Field(
        description="Up to 200 characters; empty erases it, absent or null leaves it as it is.",
        examples=["What we sold"],
    ),
]

SqlText = Annotated[
    str,
    Field(min_length=1, description="One or more SQL statements, separated by semicolons."),
    AfterValidator(without_nul),
]

EnvironmentName = Annotated[
    Environment,
    Field(description="Which schema of the pair: `prod` or `test`.", examples=["test"]),
]

OneEnvironment = Annotated[
    Environment | None,
    BeforeValidator(_empty_is_none),
    Field(
        description="One schema of the pair only; absent, empty or null: both.", examples=["test"]
    ),
]

TargetSpaceId = Annotated[
    SpaceId,
    Field(description="The copy's space; absent, empty or null: its source's.", examples=["78"]),
]

DryRunField = Annotated[
    StrictBool, Field(description="Run it all, tell what would change, and keep nothing.")
]

NameFilter = Annotated[
    Annotated[str, Field(max_length=64), AfterValidator(without_nul)],
    BeforeValidator(_null_is_empty),
    Field(description="Only names that contain this, in any case; empty: all."),
]

Cursor = Annotated[
    Annotated[_Identity, BeforeValidator(_integer)] | None,
    Field(description="`next_cursor` of the page before; absent or null: the first page."),
]

PageSize = Annotated[
    Annotated[int, Field(ge=1, le=200)],
    BeforeValidator(_integer),
    Field(description="What there is on one page at most, 1–200."),
]


def _params(value: object) -> object:
    if value is None or isinstance(value, (list, dict)):
        return value
    raise PydanticCustomError(
        "params", "must be a list of values for $1, $2 …, or an object for :name"
    )


Params = Annotated[
    Any,  # as orjson has read it: JSON already
    BeforeValidator(_params),
    WithJsonSchema(
        {"anyOf": [{"type": "array"}, {"type": "object"}, {"type": "null"}], "title": "Params"}
    ),
    Field(
        description="Values for the SQL's placeholders: a list for `$1`, `$2` …, an object for "
        "`:name`. Bound, never spliced; bytes as base64, moments and all other types as strings.",
        examples=[["pen", 2]],
    ),
]

ReadOnly = Annotated[
    StrictBool, Field(description="Run in a READ ONLY transaction, whatever the SQL says.")
]

Compact = Annotated[
    StrictBool,
    Field(
        description="Answer rows as lists of values, and only in `results`, where the columns are."
    ),
]

_Milliseconds = Annotated[int, Field(ge=1, le=86_400_000), BeforeValidator(_integer)]

TimeoutMs = Annotated[
    _Milliseconds | None,
    Field(description="Longest time of the request's SQL; at most the service's own bound."),
]

LockTimeoutMs = Annotated[
    _Milliseconds | None,
    Field(description="Longest wait for a lock of others; at most the service's own bound."),
]

RowAccessName = Annotated[
    RowAccess,
    Field(
        description="Which rows a caller reaches: `own` his own; `space` all, for whoever names "
        "the database's space; `read_only` all, and nobody writes.",
        examples=["space"],
    ),
]

IdempotencyKey = Annotated[
    Annotated[str, Field(min_length=1, max_length=LONGEST_KEY, pattern=r"^[!-~]+$")] | None,
    Field(
        description="The caller's name for this request, 1–255 visible ASCII characters; as header "
        "`Idempotency-Key`, too. Sent again by the same `uid` within 24 hours, the request is not "
        "done again but given its first answer, also an error that would only come again; with "
        "anything else in it, it is refused (25005). Of an answer above a megabyte rows are cut "
        "(`truncated`). Ignored where nothing can be changed: with `read_only`, with `dry_run`.",
        examples=["3f2b6f0e-sale-17"],
    ),
]

RequestSid = Annotated[
    str,
    Field(
        min_length=8,
        max_length=40,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="The `sid` of the request that is to end: its answer's `X-Request-Id`, or "
        "what was sent as such. Only 8–40 letters, digits, `.`, `_` and `-` are taken; any other "
        "`X-Request-Id` is replaced by one of ours.",
    ),
]

OperationId = Annotated[
    Annotated[_Identity, BeforeValidator(_integer)],
    Field(description="The operation's id, as the verb that began it gave it."),
]

Wait = Annotated[
    StrictBool,
    Field(
        description="false: answer at once with an `operation_id` to follow. Otherwise the answer "
        "comes at the end, and after TWINBASE_OPERATION_PATIENCE seconds in any case."
    ),
]

StatusFilter = Annotated[
    OperationStatus | None,
    Field(description="Only operations in this status; absent or null: all."),
]

DatabaseFilter = Annotated[
    Annotated[_Identity, BeforeValidator(_integer)] | None,
    Field(description="Only operations on this database; absent or null: all."),
]
