"""Long work: what is known of it while it runs, and what came of it afterwards."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from domain.ownership import Caller
from domain.platform import DEFAULT_PLATFORM_ID, platform_column
from domain.schema import (
    METADATA_SCHEMA,
    database_id_column,
    enum_column,
    id_column,
    stamp_column,
)
from domain.trace_context import TraceContext
from exceptions.errors import OperationNotFound

Json = Mapping[str, Any]


class OperationKind(StrEnum):
    """Named as the verb that begins it."""

    CLONE_DATABASE = "clone_database"
    DROP_DATABASE = "drop_database"


class OperationStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_finished(self) -> bool:
        return self not in {OperationStatus.PENDING, OperationStatus.RUNNING}


_STEP_AS_BYTES = 64 * 1024  # a statement takes about as long as copying so many bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """``step``: what is being done now; of each pair, how much is done and how much there is.

    Steps are statements, tables those whose rows are copied, bytes are theirs.
    """

    step: str = ""
    steps_done: int = 0
    steps: int = 0
    tables_done: int = 0
    tables: int = 0
    rows: int = 0
    bytes_done: int = 0
    bytes: int = 0

    @property
    def percent(self) -> float:
        done = self.steps_done * _STEP_AS_BYTES + self.bytes_done
        whole = self.steps * _STEP_AS_BYTES + self.bytes
        return round(min(100.0, 100 * done / whole), 1) if whole else 0.0

    def seconds_left(self, seconds_so_far: float) -> float | None:
        """Estimated; None before anything is done."""
        if not self.percent:
            return None
        return round(seconds_so_far * (100 - self.percent) / self.percent, 1)

    def as_json(self) -> Json:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Json) -> Self:
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class NewOperation:
    """``request``: what whoever runs it must know beside the database; ``sid`` of who asked."""

    kind: OperationKind
    database_id: int
    request: Json
    caller: Caller
    sid: str


@dataclass(frozen=True, slots=True)
class Operation:
    """``database_id``: what a clone makes, what a drop drops.

    ``attempt``: which run of it this is; whoever runs an earlier one may change nothing any more.
    ``interruptions``: how many of them ended without a word, as a killed process does.
    ``seconds``: from its start to its end or until now.
    ``result`` once it has succeeded, ``error`` (code, message) once it has failed.
    ``begun_in``: the trace of the request that began it.
    """

    id: int
    kind: OperationKind
    status: OperationStatus
    database_id: int
    request: Json
    platform_id: int
    uid: str
    space_id: str | None
    sid: str
    attempt: int
    interruptions: int
    cancel_requested: bool
    progress: Progress
    result: Json | None
    error: Json | None
    create_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None
    begun_in: TraceContext | None = None

    @property
    def seconds_left(self) -> float | None:
        if self.status is not OperationStatus.RUNNING or self.seconds is None:
            return None
        return self.progress.seconds_left(self.seconds)


@dataclass(frozen=True, slots=True)
class OperationPage:
    """Newest first; ``next_cursor`` None: this was the last page."""

    operations: tuple[Operation, ...]
    next_cursor: int | None


def asked_by(operation: Operation | None, caller: Caller) -> Operation:
    """The operation, if the caller may see it: his own, or that of the space that he names."""
    if operation is not None and operation.platform_id == caller.platform_id:
        if caller.space_id is None and operation.uid == caller.uid:
            return operation
        if caller.space_id is not None and operation.space_id == caller.space_id:
            return operation
    raise OperationNotFound


class Overtaken(Exception):
    """Somebody else has begun a later attempt; this one may change nothing any more."""


class OperationAttempt(SQLModel, table=True):
    """Who runs an operation holds its row as long as something of it is being changed."""

    __tablename__ = "operation_attempt"
    __table_args__ = {"schema": METADATA_SCHEMA}

    operation_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey(
                f"{METADATA_SCHEMA}.operation.id", name="operation_attempt_operation_id_fkey"
            ),
            primary_key=True,
        )
    )
    attempt: int = Field(sa_column=Column(Integer, primary_key=True))


class OperationMeta(SQLModel, table=True):
    """``database_id``'s row may be one that is dropped: rows of databases stay."""

    __tablename__ = "operation"
    __table_args__ = (
        Index("operation_uid", "platform_id", "uid", "id"),
        Index("operation_space_id", "platform_id", "space_id", "id"),
        Index("operation_database_id", "database_id"),
        Index(
            "operation_unfinished", "id", postgresql_where=text("status IN ('pending', 'running')")
        ),
        Index("operation_finished_at", "finished_at"),
        {"schema": METADATA_SCHEMA},
    )

    id: int | None = Field(default=None, sa_column=id_column())
    kind: OperationKind = Field(sa_column=enum_column(OperationKind, "operation_kind"))
    status: OperationStatus = Field(
        default=OperationStatus.PENDING,
        sa_column=enum_column(OperationStatus, "operation_status", OperationStatus.PENDING),
    )
    database_id: int = Field(sa_column=database_id_column("operation_database_id_fkey"))
    request: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    platform_id: int = Field(default=DEFAULT_PLATFORM_ID, sa_column=platform_column("operation"))
    uid: str = Field(sa_column=Column(String(64), nullable=False))
    space_id: str | None = Field(default=None, sa_column=Column(String(64), nullable=True))
    sid: str = Field(sa_column=Column(String(64), nullable=False))
    attempt: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    interruptions: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default="0")
    )
    cancel_requested: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )
    progress: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}")
    )
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    error: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    create_at: datetime | None = Field(default=None, sa_column=stamp_column())
    update_at: datetime | None = Field(default=None, sa_column=stamp_column())
    started_at: datetime | None = Field(default=None, sa_column=stamp_column(when_it_happened=True))
    finished_at: datetime | None = Field(
        default=None, sa_column=stamp_column(when_it_happened=True)
    )
