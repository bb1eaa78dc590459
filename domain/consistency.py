"""What may be wrong between metadata, queue and schemas, though nobody is at work on it."""

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

    @property
    def is_mended(self) -> bool:
        """By a running service, without being asked. What may be somebody's, it only tells of."""
        return self not in _ONLY_TOLD


_SENTENCES = {
    FindingKind.MISSING_SCHEMA: "{subject} of database {database_id} is not there",
    FindingKind.UNKNOWN_SCHEMA: "schema {subject} is of no database",
    FindingKind.CONTRADICTORY_ROWS: (
        "of database {database_id} and its schema {subject} one is dropped and the other is not"
    ),
    FindingKind.UNFINISHED_DROP: "schema {subject} of database {database_id}, which is dropped",
    FindingKind.ABANDONED_CLONE: "no operation fills the copy {database_id}",
    FindingKind.OPERATION_WITHOUT_DATABASE: (
        "operation {operation_id} is to make database {database_id}, which is dropped"
    ),
    FindingKind.OPERATION_WITHOUT_JOB: "operation {operation_id} is unfinished and in no queue",
    FindingKind.JOB_WITHOUT_OPERATION: "job {subject} is of no unfinished operation",
    FindingKind.LEFT_ATTEMPT: "attempt {subject} of operation {operation_id}, which has ended",
    FindingKind.LEFT_RIGHT: "twinbase_ddl has {subject}",
}

_ONLY_TOLD = frozenset(
    {
        FindingKind.MISSING_SCHEMA,
        FindingKind.UNKNOWN_SCHEMA,
        FindingKind.CONTRADICTORY_ROWS,
        FindingKind.LEFT_RIGHT,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """``subject``: the schema, job, attempt or right. ``since`` None: nobody knows."""

    kind: FindingKind
    subject: str
    database_id: int | None
    operation_id: int | None
    since: datetime | None

    @property
    def what(self) -> str:
        return _SENTENCES[self.kind].format(
            subject=self.subject, database_id=self.database_id, operation_id=self.operation_id
        )
