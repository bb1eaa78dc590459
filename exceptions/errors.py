"""One class per meaning; its docstring is the message where the raiser has no better one.

    TwinbaseError
    ├── InvalidParameter
    ├── UnknownPath · MethodNotAllowed · BodyTooLarge · UnsupportedMediaType
    ├── IdempotencyKeyReused
    ├── DatabaseOperationFailed
    │   └── DatabaseNameTaken          (shares the number 25010, see the contract)
    ├── CreateFailed · DropFailed · ModifyFailed
    ├── DatabaseNotFound · SpaceNotFound · NoSchema
    ├── CloneNotPossible · DatabaseBusy · DatabaseNotReady · TooManyStatements
    ├── NoAuthority
    ├── Unauthenticated · ScopeMissing · AppNotAllowed
    ├── PlatformNotFound · ApiKeyNotFound · PlatformNameTaken
    ├── QuotaExceeded · RateExceeded · ConcurrencyExceeded         (in ``quotas``)
    ├── SqlParseFailed
    ├── StatementTimeout · StatementCancelled · StatementNotFound
    ├── DdlNotAllowed · DdlFailed
    ├── DmlNotAllowed · DmlFailed
    ├── OperationNotFound · OperationFinished · OperationNotCancellable
    ├── OperationCancelled · OperationInterrupted
    └── ServerError · ServiceUnavailable
        └── NotReady                   (shares the number 25503)

A message is read by whoever wrote the request: it names what was wrong, where,
and what would have been right. It never carries another tenant's names, a row
value of someone else, or a stack.
"""

import inspect
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

from exceptions.codes import ErrorCode


@dataclass(frozen=True, slots=True)
class SqlDetails:
    """Where and why the caller's SQL failed.

    ``statement`` counts from 1, as ``line`` and ``column`` do; those are of the SQL as it was
    sent. ``offset``: the same place in characters from 0.
    """

    sqlstate: str | None = None
    statement: int | None = None
    offset: int | None = None
    line: int | None = None
    column: int | None = None
    detail: str | None = None
    hint: str | None = None

    def describe(self) -> str:
        """``statement 1, line 1, column 8, SQLSTATE 42703``."""
        named = {
            "statement": self.statement,
            "line": self.line,
            "column": self.column,
            "SQLSTATE": self.sqlstate,
        }
        return ", ".join(f"{name} {value}" for name, value in named.items() if value is not None)

    def told(self) -> Mapping[str, object]:
        """For programs: what the message says to people."""
        named = asdict(self)
        del named["offset"]
        return {name: value for name, value in named.items() if value is not None}


class TwinbaseError(Exception):
    """The request could not be served."""

    code: ClassVar[ErrorCode] = ErrorCode.SERVER_ERROR
    http_status: ClassVar[int] = 500

    is_passing: bool = True
    """Whether the same request may succeed at another time: then this is no answer to keep for its
    idempotency key."""

    retry_after: float | None = None
    """Seconds after which it may, where that is known."""

    def __init__(self, message: str | None = None, sql: SqlDetails | None = None) -> None:
        super().__init__(message, sql)
        self._sentence = message or self.default_message()
        self.sql = sql

    @property
    def message(self) -> str:
        """The sentence, with place, detail and hint behind it where there are any."""
        if self.sql is None:
            return self._sentence
        place = self.sql.describe()
        placed = f"{self._sentence.removesuffix('.')} ({place})." if place else self._sentence
        return " ".join(part for part in (placed, self.sql.detail, self.sql.hint) if part)

    @property
    def details(self) -> Mapping[str, object] | None:
        """What beside the message is told to programs."""
        return None if self.sql is None else self.sql.told()

    def __str__(self) -> str:
        return self.message

    def locate(self, sql: str) -> None:
        """Line and column of ``sql.offset`` in the SQL as it was sent."""
        if self.sql is not None and self.sql.offset is not None and self.sql.line is None:
            before = sql[: self.sql.offset]
            line_start = before.rfind("\n") + 1
            self.sql = replace(
                self.sql, line=before.count("\n") + 1, column=len(before) - line_start + 1
            )

    def advise(self, hint: str) -> None:
        """A hint, unless there is one already."""
        details = self.sql or SqlDetails()
        if details.hint is None:
            self.sql = replace(details, hint=hint)

    @classmethod
    def default_message(cls) -> str:
        return inspect.cleandoc(cls.__doc__ or "").split("\n\n", 1)[0].replace("\n", " ")


def error_named(name: str, message: str) -> TwinbaseError:
    """An error of an earlier request, raised again: its class by name."""
    kinds = [TwinbaseError]
    for kind in kinds:
        if kind.__name__ == name:
            return kind(message)
        kinds += kind.__subclasses__()
    return ServerError(message)


class InvalidParameter(TwinbaseError):
    """A field of the request is not as the contract asks."""

    code = ErrorCode.INVALID_PARAMETER
    http_status = 400
    is_passing = False


class UnknownPath(TwinbaseError):
    """There is no such path; the verbs are listed at /docs."""

    code = ErrorCode.UNKNOWN_PATH
    http_status = 404
    is_passing = False


class MethodNotAllowed(TwinbaseError):
    """This path does not answer to this HTTP method; verbs are called with POST."""

    code = ErrorCode.METHOD_NOT_ALLOWED
    http_status = 405
    is_passing = False


class BodyTooLarge(TwinbaseError):
    """The request body is larger than this service accepts."""

    code = ErrorCode.BODY_TOO_LARGE
    http_status = 413
    is_passing = False


class UnsupportedMediaType(TwinbaseError):
    """The request body must be JSON, sent as Content-Type: application/json."""

    code = ErrorCode.UNSUPPORTED_MEDIA_TYPE
    http_status = 415
    is_passing = False


class IdempotencyKeyReused(TwinbaseError):
    """This idempotency key came with another request in the last 24 hours; take a new key."""

    code = ErrorCode.IDEMPOTENCY_KEY_REUSED
    http_status = 409
    is_passing = False


class DatabaseOperationFailed(TwinbaseError):
    """The database operation failed."""

    code = ErrorCode.DATABASE_OPERATION_FAILED
    http_status = 500


class DatabaseNameTaken(DatabaseOperationFailed):
    """A database of this name already exists for this uid and space."""

    http_status = 409
    is_passing = False


class CreateFailed(TwinbaseError):
    """The database could not be created; nothing was left behind."""

    code = ErrorCode.CREATE_FAILED
    http_status = 500


class DropFailed(TwinbaseError):
    """The database could not be dropped; it is as it was."""

    code = ErrorCode.DROP_FAILED
    http_status = 500


class DatabaseNotFound(TwinbaseError):
    """There is no such database for this uid and space."""

    code = ErrorCode.DATABASE_NOT_FOUND
    http_status = 404
    is_passing = False


class ModifyFailed(TwinbaseError):
    """The database could not be modified; it is as it was."""

    code = ErrorCode.MODIFY_FAILED
    http_status = 500


class SpaceNotFound(TwinbaseError):
    """This space does not exist or does not contain the database."""

    code = ErrorCode.SPACE_NOT_FOUND
    http_status = 404
    is_passing = False


class CloneNotPossible(TwinbaseError):
    """The database holds objects that a clone cannot carry; nothing was copied."""

    code = ErrorCode.CLONE_NOT_POSSIBLE
    http_status = 409
    is_passing = False


class DatabaseBusy(TwinbaseError):
    """The database is busy with other work; try again shortly."""

    code = ErrorCode.DATABASE_BUSY
    http_status = 409


class DatabaseNotReady(TwinbaseError):
    """The database is still being made by clone_database; its operation tells how far it is."""

    code = ErrorCode.DATABASE_NOT_READY
    http_status = 409


class TooManyStatements(TwinbaseError):
    """As many statements of this database are running as may run at a time; try again shortly."""

    code = ErrorCode.TOO_MANY_STATEMENTS
    http_status = 429
    retry_after = 1.0


class NoAuthority(TwinbaseError):
    """There is no such table in this database, or it is not yours to use."""

    code = ErrorCode.NO_AUTHORITY
    http_status = 403
    is_passing = False


class NoSchema(TwinbaseError):
    """The database has no schema for this environment."""

    code = ErrorCode.NO_SCHEMA
    http_status = 404
    is_passing = False


class Unauthenticated(TwinbaseError):
    """The request has no key: send one, as Authorization: Bearer tb_… or X-Api-Key."""

    code = ErrorCode.UNAUTHENTICATED
    http_status = 401


class ScopeMissing(TwinbaseError):
    """The key may not be used for this."""

    code = ErrorCode.SCOPE_MISSING
    http_status = 403


class AppNotAllowed(TwinbaseError):
    """The key's platform may not act for this app_id (X-Consumer-Username)."""

    code = ErrorCode.APP_NOT_ALLOWED
    http_status = 403


class PlatformNotFound(TwinbaseError):
    """There is no such platform."""

    code = ErrorCode.PLATFORM_NOT_FOUND
    http_status = 404


class ApiKeyNotFound(TwinbaseError):
    """There is no such key."""

    code = ErrorCode.API_KEY_NOT_FOUND
    http_status = 404


class PlatformNameTaken(TwinbaseError):
    """There is a platform of this name already."""

    code = ErrorCode.PLATFORM_NAME_TAKEN
    http_status = 409


class SqlParseFailed(TwinbaseError):
    """The SQL could not be parsed."""

    code = ErrorCode.SQL_PARSE_FAILED
    http_status = 400
    is_passing = False


class StatementTimeout(TwinbaseError):
    """The statement ran longer than it may and was stopped; nothing was changed."""

    code = ErrorCode.STATEMENT_TIMEOUT
    http_status = 504


class StatementCancelled(TwinbaseError):
    """The statement was cancelled; nothing was changed."""

    code = ErrorCode.STATEMENT_CANCELLED
    http_status = 409


class StatementNotFound(TwinbaseError):
    """No statement of this sid is running in this database: it has ended, or never began."""

    code = ErrorCode.STATEMENT_NOT_FOUND
    http_status = 404
    is_passing = False


class DdlNotAllowed(TwinbaseError):
    """This statement is not among those that exec_ddl runs."""

    code = ErrorCode.DDL_NOT_ALLOWED
    http_status = 400
    is_passing = False


class DdlFailed(TwinbaseError):
    """The DDL failed; neither schema was changed."""

    code = ErrorCode.DDL_FAILED
    http_status = 400
    is_passing = False


class DmlNotAllowed(TwinbaseError):
    """This statement is not among those that exec_dml runs."""

    code = ErrorCode.DML_NOT_ALLOWED
    http_status = 400
    is_passing = False


class DmlFailed(TwinbaseError):
    """The DML failed; nothing was changed."""

    code = ErrorCode.DML_FAILED
    http_status = 400
    is_passing = False


class OperationNotFound(TwinbaseError):
    """There is no such operation of this uid or space."""

    code = ErrorCode.OPERATION_NOT_FOUND
    http_status = 404
    is_passing = False


class OperationFinished(TwinbaseError):
    """The operation has ended, so there is nothing to cancel; get_operation tells how."""

    code = ErrorCode.OPERATION_FINISHED
    http_status = 409
    is_passing = False


class OperationNotCancellable(TwinbaseError):
    """A drop cannot be cancelled: the database could not be reached any more when it began."""

    code = ErrorCode.OPERATION_NOT_CANCELLABLE
    http_status = 409
    is_passing = False


class OperationCancelled(TwinbaseError):
    """The operation was cancelled; nothing of it was kept."""

    code = ErrorCode.OPERATION_CANCELLED
    http_status = 409
    is_passing = False


class OperationInterrupted(TwinbaseError):
    """Each attempt at the operation was cut off, as by a crash; nothing of it was kept."""

    code = ErrorCode.OPERATION_INTERRUPTED
    http_status = 500


class ServerError(TwinbaseError):
    """The service failed in a way it did not expect; the sid finds it in the log."""

    code = ErrorCode.SERVER_ERROR
    http_status = 500


class ServiceUnavailable(TwinbaseError):
    """PostgreSQL cannot be reached or has no free connection; try again shortly."""

    code = ErrorCode.SERVICE_UNAVAILABLE
    http_status = 503


class NotReady(ServiceUnavailable):
    """The service cannot take requests now; the message says which part keeps it from that."""

    def __init__(self, message: str | None = None, part: str = "postgresql") -> None:
        super().__init__(message)
        self.part = part

    @property
    def details(self) -> Mapping[str, object]:
        return {"part": self.part}
