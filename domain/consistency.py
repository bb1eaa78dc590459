"""What may be wrong, though nobody is at work on it, and who mends it.

Between metadata, queue and schemas; in tenants' schemas; in the server, its rights and settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FindingKind(StrEnum):
    """``docs/operations.md`` says of each how it comes about, and what to do then."""

    MISSING_SCHEMA = "missing_schema"
    UNKNOWN_SCHEMA = "unknown_schema"
    CONTRADICTORY_ROWS = "contradictory_rows"
    UNFINISHED_DROP = "unfinished_drop"
    ABANDONED_CLONE = "abandoned_clone"
    OPERATION_WITHOUT_DATABASE = "operation_without_database"
    OPERATION_WITHOUT_JOB = "operation_without_job"
    JOB_WITHOUT_OPERATION = "job_without_operation"
    LEFT_ATTEMPT = "left_attempt"
    LEFT_RIGHT = "left_right"

    NO_ROW_SECURITY = "no_row_security"
    WRONG_POLICY = "wrong_policy"
    EXTRA_POLICY = "extra_policy"
    NO_STAMP = "no_stamp"
    UNMANAGED_COLUMN = "unmanaged_column"
    WRONG_OWNER = "wrong_owner"
    MISSING_RIGHT = "missing_right"
    EXTRA_RIGHT = "extra_right"
    UNGUARDED_VIEW = "unguarded_view"
    OPEN_RELATION = "open_relation"
    UNSETTLED_TABLE = "unsettled_table"

    SHORTCOMING = "shortcoming"
    LOOSE_ROLE = "loose_role"
    LOOSE_RIGHT = "loose_right"
    LACKING_RIGHT = "lacking_right"
    DEFAULT_RIGHT = "default_right"
    OUTDATED_GUARD = "outdated_guard"

    UNREACHABLE = "unreachable"
    DEAF = "deaf"
    TOO_FEW_CONNECTIONS = "too_few_connections"
    CONNECTIONS_USED_UP = "connections_used_up"
    UNKNOWN_VERSION = "unknown_version"
    CLOCK_DIFFERS = "clock_differs"
    FULL_DISK = "full_disk"

    DEAD_ROWS = "dead_rows"
    BLOATED_CATALOG = "bloated_catalog"
    OLD_ROWS = "old_rows"
    LONG_TRANSACTION = "long_transaction"
    REPLICATION_SLOT = "replication_slot"
    PREPARED_TRANSACTION = "prepared_transaction"

    SERVER_SETTING = "server_setting"
    SERVICE_SETTING = "service_setting"
    NOT_EXAMINED = "not_examined"

    @property
    def mended_by(self) -> "Mender":
        return _ABOUT[self].mended_by

    @property
    def severity(self) -> "Severity":
        return _ABOUT[self].severity

    @property
    def is_mended(self) -> bool:
        """By a running service, without being asked. What may be somebody's, it only tells of."""
        return self.mended_by is Mender.SERVICE


class Mender(StrEnum):
    """``SERVICE``: a running one, unasked, or ``doctor --fix``. ``FIX``: that only."""

    SERVICE = "the service"
    FIX = "--fix"
    YOU = "you"


class Severity(StrEnum):
    """``WARNING``: everything works, and may do so for a long time."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class _About:
    sentence: str
    mended_by: Mender = Mender.YOU
    severity: Severity = Severity.ERROR


def _mended(sentence: str) -> _About:
    return _About(sentence, Mender.SERVICE)


def _fixed(sentence: str) -> _About:
    return _About(sentence, Mender.FIX)


def _warning(sentence: str) -> _About:
    return _About(sentence, severity=Severity.WARNING)


_ABOUT: Mapping[FindingKind, _About] = {
    FindingKind.MISSING_SCHEMA: _About("{subject} of database {database_id} is not there"),
    FindingKind.UNKNOWN_SCHEMA: _About("schema {subject} is of no database"),
    FindingKind.CONTRADICTORY_ROWS: _About(
        "of database {database_id} and its schema {subject} one is dropped and the other is not"
    ),
    FindingKind.UNFINISHED_DROP: _mended(
        "schema {subject} of database {database_id}, which is dropped"
    ),
    FindingKind.ABANDONED_CLONE: _mended("no operation fills the copy {database_id}"),
    FindingKind.OPERATION_WITHOUT_DATABASE: _mended(
        "operation {operation_id} is to make database {database_id}, which is dropped"
    ),
    FindingKind.OPERATION_WITHOUT_JOB: _mended(
        "operation {operation_id} is unfinished and in no queue"
    ),
    FindingKind.JOB_WITHOUT_OPERATION: _mended("job {subject} is of no unfinished operation"),
    FindingKind.LEFT_ATTEMPT: _mended(
        "attempt {subject} of operation {operation_id}, which has ended"
    ),
    FindingKind.LEFT_RIGHT: _fixed("twinbase_ddl has {subject}"),
    FindingKind.NO_ROW_SECURITY: _fixed("table {subject} {detail}"),
    FindingKind.WRONG_POLICY: _fixed("table {subject}: {detail}"),
    FindingKind.EXTRA_POLICY: _About("table {subject} has a policy of somebody's: {detail}"),
    FindingKind.NO_STAMP: _fixed("table {subject}: {detail}"),
    FindingKind.UNMANAGED_COLUMN: _fixed("table {subject}: {detail}"),
    FindingKind.WRONG_OWNER: _fixed("{subject} belongs to {detail}"),
    FindingKind.MISSING_RIGHT: _fixed("on {subject} there is no {detail}"),
    FindingKind.EXTRA_RIGHT: _fixed("on {subject} there is {detail}"),
    FindingKind.UNGUARDED_VIEW: _fixed(
        "view {subject} reads with its owner's rights, and so everybody's rows"
    ),
    FindingKind.OPEN_RELATION: _About(
        "{detail} {subject} is somebody's, and shows all of its rows to every caller"
    ),
    FindingKind.UNSETTLED_TABLE: _warning(
        "table {subject} was made past the service: nobody reaches it over the API"
    ),
    FindingKind.SHORTCOMING: _fixed("isolation does not hold: {subject}"),
    FindingKind.LOOSE_ROLE: _fixed("role {subject} {detail}"),
    FindingKind.LOOSE_RIGHT: _fixed("{detail} on {subject}"),
    FindingKind.LACKING_RIGHT: _fixed("{detail} on {subject}"),
    FindingKind.DEFAULT_RIGHT: _fixed("what {subject} makes from now on gives {detail}"),
    FindingKind.OUTDATED_GUARD: _fixed("event trigger {subject} is not this version's"),
    FindingKind.UNREACHABLE: _About("{subject} does not lead to PostgreSQL: {detail}"),
    FindingKind.DEAF: _About("NOTIFY by TWINBASE_DATABASE_URL is not heard by LISTEN at {subject}"),
    FindingKind.TOO_FEW_CONNECTIONS: _About("{detail}"),
    FindingKind.CONNECTIONS_USED_UP: _warning("{detail}"),
    FindingKind.UNKNOWN_VERSION: _warning("PostgreSQL {subject} is none that was tried: 15 to 18"),
    FindingKind.CLOCK_DIFFERS: _warning("PostgreSQL's clock is {detail} this machine's"),
    FindingKind.FULL_DISK: _About("{detail}"),
    FindingKind.DEAD_ROWS: _warning("table {subject} holds {detail}"),
    FindingKind.BLOATED_CATALOG: _warning("catalog {subject} holds {detail}"),
    FindingKind.OLD_ROWS: _About("{subject} is {detail}"),
    FindingKind.LONG_TRANSACTION: _warning("session {subject} {detail}"),
    FindingKind.REPLICATION_SLOT: _warning("replication slot {subject} {detail}"),
    FindingKind.PREPARED_TRANSACTION: _warning("prepared transaction {subject} {detail}"),
    FindingKind.SERVER_SETTING: _warning("{subject}: {detail}"),
    FindingKind.SERVICE_SETTING: _warning("{subject}: {detail}"),
    FindingKind.NOT_EXAMINED: _warning("nobody could look for {subject}: {detail}"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """``subject``: the schema, table, job, role, setting …. ``since`` None: nobody knows.

    ``remedy``: SQL that mends it, made of the catalogs by PostgreSQL; None: the page says more.
    """

    kind: FindingKind
    subject: str
    database_id: int | None = None
    operation_id: int | None = None
    since: datetime | None = None
    detail: str | None = None
    remedy: str | None = None

    @property
    def what(self) -> str:
        return _ABOUT[self.kind].sentence.format(
            subject=self.subject,
            database_id=self.database_id,
            operation_id=self.operation_id,
            detail=self.detail,
        )


OF_METADATA = tuple(FindingKind)[: tuple(FindingKind).index(FindingKind.NO_ROW_SECURITY)]
"""What ``ConsistencyStore.findings`` looks for: a running service does so again and again."""

OF_DATABASES = tuple(FindingKind)[: tuple(FindingKind).index(FindingKind.SHORTCOMING)]
"""And in their schemas: what a running service looks for."""

OF_RIGHTS = frozenset(
    {
        FindingKind.SHORTCOMING,
        FindingKind.LOOSE_ROLE,
        FindingKind.LOOSE_RIGHT,
        FindingKind.LACKING_RIGHT,
        FindingKind.DEFAULT_RIGHT,
        FindingKind.OUTDATED_GUARD,
    }
)
"""Of the server and of what is not tenants'; bootstrap gives most of it."""

OF_TABLES = frozenset(
    {
        FindingKind.NO_ROW_SECURITY,
        FindingKind.WRONG_POLICY,
        FindingKind.NO_STAMP,
        FindingKind.UNMANAGED_COLUMN,
        FindingKind.MISSING_RIGHT,
        FindingKind.EXTRA_RIGHT,
        FindingKind.UNGUARDED_VIEW,
    }
)
"""Of a database's schemas, which settling them again mends."""

OF_TENANTS = OF_TABLES | {
    FindingKind.EXTRA_POLICY,
    FindingKind.WRONG_OWNER,
    FindingKind.OPEN_RELATION,
    FindingKind.UNSETTLED_TABLE,
}
"""Told by the names of tables, which tenants have chosen."""


@dataclass(frozen=True, slots=True)
class DriftSlice:
    """Of some databases; ``last_id`` None: there are no more."""

    findings: tuple[Finding, ...]
    databases: int
    tables: int
    last_id: int | None
