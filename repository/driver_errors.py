"""Driver errors → our errors, once: by SQLSTATE and constraint name, never by text."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError, DisconnectionError, EmulatedDBAPIException
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from domain.gate.statements import GUARDED_SCHEMA
from exceptions.errors import (
    DatabaseBusy,
    DatabaseNameTaken,
    DatabaseOperationFailed,
    DdlFailed,
    DmlFailed,
    NoAuthority,
    PlatformNameTaken,
    ServerError,
    ServiceUnavailable,
    SqlDetails,
    StatementTimeout,
    TwinbaseError,
)
from repository.error_figures import count_error

_BY_CONSTRAINT: dict[str, type[TwinbaseError]] = {
    "database_meta_uid_name_space_id": DatabaseNameTaken,
    "platform_name_key": PlatformNameTaken,
}

_BY_SQLSTATE: dict[str, type[TwinbaseError]] = {
    "40001": DatabaseBusy,  # serialization_failure
    "40P01": DatabaseBusy,  # deadlock_detected
    "55P03": DatabaseBusy,  # lock_not_available
    "57014": StatementTimeout,  # query_canceled
    "XX001": ServerError,  # data_corrupted; XX000 odd SQL can bring about, too
    "XX002": ServerError,  # index_corrupted
    "25006": ServiceUnavailable,  # read_only_sql_transaction: a failover left us on a standby
}

# What translates them so is running, or settling, a tenant's own.
_OF_TENANTS = frozenset({DdlFailed, DmlFailed})

_NUMBERED = re.compile(r"\$([0-9]{1,5})")

# PostgreSQL has the SQLSTATE of a missing table for this, too.
_NOT_IN_FROM = "Add the table to FROM, or use the name that FROM gives it."

_NOT_YOURS = "The statement touches a row, a table or a function that is not yours to use"
_NOT_THE_SERVICES = (
    "PostgreSQL denies the service itself a right that it needs: python -m service doctor tells"
    " which, and --fix gives it back."
)

# out_of_memory (of locks, too), configuration_limit_exceeded (of temporary files)
_TOO_MUCH_FOR_ONE = frozenset({"53200", "53400"})
# What others may be using much of just now; internal_error, which rivals can bring about, too.
_PERHAPS_PASSING = _TOO_MUCH_FOR_ONE | {"XX000"}
_TOO_MUCH = "This needs more memory, locks or temporary files than one request may have"

_NONE_FREE = "All connections to PostgreSQL are in use; try again shortly."

_BY_CLASS: dict[str, type[TwinbaseError]] = {
    "08": ServiceUnavailable,  # connection exception
    "53": ServiceUnavailable,  # insufficient resources
    "57": ServiceUnavailable,  # operator intervention
    "58": ServerError,  # system error
    "F0": ServerError,  # configuration file
}

# Whatever it is, no caller's statement: a login that is refused, a server that dies.
_ENDS_A_SESSION = frozenset({"FATAL", "PANIC"})

# The caller's own statement and data: PostgreSQL's words about them help, and name nothing else.
_CALLERS_OWN_CLASSES = ("0A", "21", "22", "23", "2B", "42", "44", "54", "55")

# What else PostgreSQL says, by SQLSTATE, where it speaks of the caller's statement and no row.
# Its detail of a failing row (23502, 23514) lists all columns. Its detail of a key names values:
# none in DML, where row security keeps it from that, but anybody's in DDL.
_DETAILS = frozenset({"0A000", "22P02", "2BP01", "42804"})
_DETAILS_OF: dict[type[TwinbaseError], frozenset[str]] = {DmlFailed: frozenset({"23503", "23505"})}
_HINTS = frozenset(
    {"2BP01", "42601", "42703", "42725", "42803", "42804", "42883", "42P01", "42P10", "55P04"}
)
_MOST_OF_A_MESSAGE = 500

UNREACHABLE = (
    OSError,
    TimeoutError,
    PoolTimeoutError,
    DisconnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

# An answer that asyncpg cannot read. It takes it in to its end all the same.
_NOT_READ = (
    asyncpg.UnsupportedClientFeatureError,
    asyncpg.InternalClientError,
    UnicodeDecodeError,
)
_CAST_IT = "A value of this type cannot be answered inside a row: cast it to text."

_CONNECTION_LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
_NOBODY_KNOWS = (
    "The connection to PostgreSQL was lost before it had answered; whether anything was changed is"
    " not known."
)

DRIVER_ERRORS = (asyncpg.PostgresError, DBAPIError, EmulatedDBAPIException, *UNREACHABLE)
"""Whatever may go wrong between us and PostgreSQL, untranslated: for commands and start-up."""


class AnyStatement(Protocol):
    @property
    def text(self) -> str: ...

    def position_as_sent(self, position: int) -> int: ...


Statement = TypeVar("Statement", bound=AnyStatement)


@dataclass(slots=True)
class Place(Generic[Statement]):
    """Which of a request's statements is running, as PostgreSQL got it.

    ``before``: how many characters the service put before the statement's own.
    """

    statement: Statement
    number: int
    before: int = 0

    def in_callers_words(self, sentence: str) -> str:
        """PostgreSQL numbers what the caller may have named."""
        keys = getattr(self.statement, "parameters", ())

        def key(number: re.Match[str]) -> str:
            position = int(number[1]) - 1
            if position >= len(keys):
                return number[0]
            return f"${keys[position]}" if isinstance(keys[position], int) else f":{keys[position]}"

        return _NUMBERED.sub(key, sentence) if keys else sentence

    def is_behind(self, position: str | None) -> bool:
        """Whether PostgreSQL means what the service put behind the statement."""
        end = self.before + len(self.statement.text)
        return position is not None and int(position) > end

    def offset(self, position: str | None) -> int | None:
        """PostgreSQL counts from 1, and what the service put behind the text, too."""
        if position is None:
            return None
        within = int(position) - 1 - self.before
        return self.statement.position_as_sent(max(0, min(within, len(self.statement.text))))


@contextmanager
def translated(
    otherwise: type[TwinbaseError] = DatabaseOperationFailed, place: Place[Any] | None = None
) -> Iterator[None]:
    """Whatever the driver raises inside leaves as one of ours, with the driver's as its cause.

    ``otherwise``: what a failure of the statement itself means here.
    """
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _ours(error, otherwise, place) from error
    except (DBAPIError, EmulatedDBAPIException) as error:
        # The latter is what SQLAlchemy makes of the driver's where its pool opens a connection.
        raised = error.orig if isinstance(error, DBAPIError) else error
        cause = raised.__cause__ if raised is not None else None
        if isinstance(cause, asyncpg.PostgresError):
            raise _ours(cause, otherwise, place) from cause
        raise ServiceUnavailable from error
    except asyncpg.OutdatedSchemaCacheError as error:  # a table was altered meanwhile
        raise DatabaseBusy from error
    except _NOT_READ as error:
        if place is None and isinstance(error, asyncpg.InternalClientError):
            # Of ours it reads every answer. PostgreSQL has ended the session with a last word, and
            # asyncpg waits for its socket to close.
            raise ServiceUnavailable from error
        raise otherwise(_CAST_IT if place else None) from error
    except PoolTimeoutError as error:
        raise ServiceUnavailable(_NONE_FREE) from error
    except UNREACHABLE as error:
        raise ServiceUnavailable from error


class _PerhapsCommitted:
    def __enter__(self) -> None:
        """Nothing is known to be wrong yet."""

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, _CONNECTION_LOST):
            raise ServiceUnavailable(_NOBODY_KNOWS) from error


def perhaps_committed() -> AbstractContextManager[None]:
    """Around a COMMIT, and what ends in one: where the connection is lost, nobody can know."""
    return _PerhapsCommitted()


def _ours(
    error: asyncpg.PostgresError, otherwise: type[TwinbaseError], place: Place[Any] | None
) -> TwinbaseError:
    of_a_tenant = place is not None or otherwise in _OF_TENANTS
    count_error(error, of_a_tenant=of_a_tenant)
    if error.sqlstate == "42501" and not of_a_tenant:  # no caller brings that about
        return ServerError(_NOT_THE_SERVICES)
    ours = _meaning_of(error, otherwise, place)
    ours.is_passing |= error.sqlstate in _PERHAPS_PASSING
    return ours


def _meaning_of(
    error: asyncpg.PostgresError, otherwise: type[TwinbaseError], place: Place[Any] | None
) -> TwinbaseError:
    sqlstate = error.sqlstate or ""
    constraint = getattr(error, "constraint_name", None)
    if getattr(error, "schema_name", None) == "twinbase" and constraint in _BY_CONSTRAINT:
        return _BY_CONSTRAINT[constraint]()
    details = SqlDetails(
        sqlstate=sqlstate,
        statement=place.number if place else None,
        offset=place.offset(getattr(error, "position", None)) if place else None,
        detail=_detail(error, otherwise),
        hint=_hint(error),
    )
    plain = replace(details, offset=None, detail=None, hint=None)
    if sqlstate in _TOO_MUCH_FOR_ONE:
        return otherwise(_TOO_MUCH, plain)
    known = _BY_SQLSTATE.get(sqlstate) or _BY_CLASS.get(sqlstate[:2])
    if getattr(error, "severity_en", None) in _ENDS_A_SESSION:
        known = ServiceUnavailable
    if known is not None:
        return known(None, plain if place else None)
    if sqlstate == "42501":  # insufficient_privilege, row security among them
        return NoAuthority(_NOT_YOURS, plain)
    if sqlstate[:2] in _CALLERS_OWN_CLASSES:
        return _of_callers_sql(error, otherwise, place, details)
    return otherwise()


def _of_callers_sql(
    error: asyncpg.PostgresError,
    otherwise: type[TwinbaseError],
    place: Place[Any] | None,
    details: SqlDetails,
) -> TwinbaseError:
    sentence = _sentence(error)
    if place is not None:
        sentence = place.in_callers_words(sentence)
    if getattr(error, "server_source_function", None) == "errorMissingRTE":
        return otherwise(sentence, replace(details, hint=details.hint or _NOT_IN_FROM))
    if error.sqlstate == "42P01":  # undefined_table
        return NoAuthority(sentence, details)
    return otherwise(sentence, details)


def _sentence(error: asyncpg.PostgresError) -> str:
    # The gate writes this schema before functions of sequences; their caller did not.
    message = str(error.args[0]).replace(f"{GUARDED_SCHEMA}.", "")
    if len(message) > _MOST_OF_A_MESSAGE:  # it repeats a value that it could not read
        message = message[:_MOST_OF_A_MESSAGE] + "…"
    return f"{message}."


def _detail(error: asyncpg.PostgresError, otherwise: type[TwinbaseError]) -> str | None:
    """Where it is safe."""
    detail = getattr(error, "detail", None)
    if detail and error.sqlstate in _DETAILS | _DETAILS_OF.get(otherwise, frozenset()):
        return str(detail).replace("\n", "; ").rstrip(".") + "."
    return None


def _hint(error: asyncpg.PostgresError) -> str | None:
    hint = getattr(error, "hint", None)
    return str(hint) if hint and error.sqlstate in _HINTS else None


@contextmanager
def helped_with_ids(place: Place[Statement]) -> Iterator[None]:
    try:
        yield
    except asyncpg.UndefinedColumnError as error:
        if not place.is_behind(error.position):
            raise
        raise DmlFailed(
            "An INSERT answers the ids of its rows, and this view has no column id: end the"
            " statement with RETURNING and what the view has.",
            SqlDetails(sqlstate=error.sqlstate, statement=place.number),
        ) from error
