"""Driver errors → our errors, once: by SQLSTATE and constraint name, never by text."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import asyncpg
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from exceptions.errors import (
    DatabaseBusy,
    DatabaseNameTaken,
    DatabaseOperationFailed,
    NoAuthority,
    ServiceUnavailable,
    StatementTimeout,
    TwinbaseError,
)

_BY_CONSTRAINT: dict[str, type[TwinbaseError]] = {
    "database_meta_uid_name_space_id": DatabaseNameTaken,
}

_BY_SQLSTATE: dict[str, type[TwinbaseError]] = {
    "40001": DatabaseBusy,  # serialization_failure
    "40P01": DatabaseBusy,  # deadlock_detected
    "55P03": DatabaseBusy,  # lock_not_available
    "57014": StatementTimeout,  # query_canceled
    "42501": NoAuthority,  # insufficient_privilege, row security among them
}

# connection exception, insufficient resources, operator intervention
_UNAVAILABLE_CLASSES = ("08", "53", "57")

# The caller's own statement and data: PostgreSQL's words about them help, and name nothing else.
_CALLERS_OWN_CLASSES = ("0A", "21", "22", "23", "2B", "42", "44", "54")

UNREACHABLE = (
    OSError,
    TimeoutError,
    PoolTimeoutError,
    DisconnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class AnyStatement(Protocol):
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Which of a request's statements is running; positions are counted in its own text."""

    text: str
    number: int

    def describe(self, position: str | None) -> str:
        if position is None:
            return f" (statement {self.number})"
        before = self.text[: int(position) - 1]
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        return f" (statement {self.number}, line {line}, column {column})"


def statement_position(statement: AnyStatement, number: int) -> Place:
    return Place(statement.text, number)


@contextmanager
def translated(
    otherwise: type[TwinbaseError] = DatabaseOperationFailed, place: Place | None = None
) -> Iterator[None]:
    """Whatever the driver raises inside leaves as one of ours, with the driver's as its cause.

    ``otherwise``: what a failure of the statement itself means here.
    """
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _ours(error, otherwise, place) from error
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig is not None else None
        if isinstance(cause, asyncpg.PostgresError):
            raise _ours(cause, otherwise, place) from cause
        raise ServiceUnavailable from error
    except UNREACHABLE as error:
        raise ServiceUnavailable from error


def _ours(
    error: asyncpg.PostgresError, otherwise: type[TwinbaseError], place: Place | None
) -> TwinbaseError:
    sqlstate = error.sqlstate or ""
    constraint = getattr(error, "constraint_name", None)
    if getattr(error, "schema_name", None) == "twinbase" and constraint in _BY_CONSTRAINT:
        return _BY_CONSTRAINT[constraint]()
    if sqlstate in _BY_SQLSTATE:
        return _BY_SQLSTATE[sqlstate]()
    if sqlstate == "42P01":  # undefined_table
        return NoAuthority(_sentence(error, place))
    if sqlstate[:2] in _UNAVAILABLE_CLASSES:
        return ServiceUnavailable()
    if sqlstate[:2] in _CALLERS_OWN_CLASSES:
        return otherwise(_sentence(error, place))
    return otherwise()


def _sentence(error: asyncpg.PostgresError, place: Place | None) -> str:
    """What PostgreSQL says of the caller's own statement, with its detail where that is safe.

    The detail of a failing row (23502, 23514) lists the whole row, the stamped uid among it.
    """
    where = place.describe(getattr(error, "position", None)) if place else ""
    parts = [f"{error.args[0]}{where}."]
    detail = getattr(error, "detail", None)
    if detail and error.sqlstate in {"23503", "23505"}:
        parts.append(str(detail))
    hint = getattr(error, "hint", None)
    if hint and error.sqlstate in {"42703", "42P01", "42883", "42804"}:
        parts.append(str(hint))
    return " ".join(parts)
