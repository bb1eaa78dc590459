"""What is known of past requests and operations: numbers by minute and by hour, nothing of each."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Double,
    Integer,
    SmallInteger,
    String,
    Uuid,
)
from sqlmodel import Field, SQLModel

from domain.histogram import Histogram, add, bucket_of
from domain.operation import OperationKind, OperationStatus
from domain.schema import METADATA_SCHEMA, enum_column, stamp_column
from exceptions.codes import ErrorCode

UNKNOWN_VERB = "unknown"
"""Of all paths that are no verb's."""

NO_PLATFORM = 0
"""Of requests whose key did not count, or that needed none."""

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


RequestKey = tuple[int, str, int]
"""Platform, verb, code: few, and whoever sends requests cannot make more of them."""


class Counted:
    """Numbers of requests; ``rows_in``: changed by exec_dml, ``rows_out``: answered by it."""

    __slots__ = (
        "bytes_in",
        "bytes_out",
        "histogram",
        "requests",
        "rows_in",
        "rows_out",
        "seconds",
    )

    def __init__(self) -> None:
        self.requests = 0
        self.seconds = 0.0
        self.rows_in = self.rows_out = 0
        self.bytes_in = self.bytes_out = 0
        self.histogram: Histogram = {}

    def count(
        self, seconds: float, rows_in: int, rows_out: int, bytes_in: int, bytes_out: int
    ) -> None:
        self.requests += 1
        self.seconds += seconds
        self.rows_in += rows_in
        self.rows_out += rows_out
        self.bytes_in += bytes_in
        self.bytes_out += bytes_out
        bucket = bucket_of(seconds)
        self.histogram[bucket] = self.histogram.get(bucket, 0) + 1

    def add(self, other: "Counted") -> None:
        self.requests += other.requests
        self.seconds += other.seconds
        self.rows_in += other.rows_in
        self.rows_out += other.rows_out
        self.bytes_in += other.bytes_in
        self.bytes_out += other.bytes_out
        add(self.histogram, other.histogram)


@dataclass(frozen=True, slots=True)
class Line:
    """Of one code, and of one verb in one point, or of one platform.

    ``group``: its name; None: the platform is not known.
    """

    point: int
    group: str | None
    code: int
    counted: Counted


@dataclass(slots=True)
class Figures:
    """``failures``: how many requests ended with which code."""

    counted: Counted = field(default_factory=Counted)
    successes: int = 0
    failures: dict[int, int] = field(default_factory=dict)

    def add(self, code: int, counted: Counted) -> None:
        self.counted.add(counted)
        if code == ErrorCode.SUCCESS:
            self.successes += counted.requests
        else:
            self.failures[code] = self.failures.get(code, 0) + counted.requests


Groups = dict[str | None, Figures]


@dataclass(slots=True)
class FiguresByGroup:
    """``whole``: of all groups together."""

    whole: Figures = field(default_factory=Figures)
    groups: Groups = field(default_factory=dict)

    def add(self, line: Line) -> None:
        self.whole.add(line.code, line.counted)
        self.groups.setdefault(line.group, Figures()).add(line.code, line.counted)


@dataclass(frozen=True, slots=True)
class EndedOperations:
    """``mean_seconds`` from start to end; None: none of them was ever started."""

    kind: OperationKind
    status: OperationStatus
    number: int
    mean_seconds: float | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long figures are kept; those by the minute are by the hour, too, from the beginning."""

    minutes: timedelta = timedelta(days=7)
    hours: timedelta = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Kept:
    """Since when there are figures, by PostgreSQL's clock; ``now``: what that says."""

    now: datetime
    minutes_since: datetime
    hours_since: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` until just before ``until``; ``step`` None: no points are asked for.

    Figures by the hour are taken from ``hours_since`` until ``hours_until``, and by the minute
    before and after.
    """

    since: datetime
    hours_since: datetime
    hours_until: datetime
    until: datetime
    step: timedelta | None

    @property
    def points(self) -> int:
        """The last one may be shorter than the step."""
        return 0 if self.step is None else -((self.since - self.until) // self.step)


class RequestStatistics(SQLModel, table=True):
    """``span``: seconds from ``moment`` on that a row is about, 60 or 3600.

    ``platform_id`` refers to nothing, so that counting never waits for a platform's row, nor fails
    for want of one. The same bucket may be there several times: its numbers are to be added.
    """

    __tablename__ = "request_statistics"
    __table_args__ = {"schema": METADATA_SCHEMA}

    span: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    moment: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    platform_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    verb: str = Field(sa_column=Column(String(64), primary_key=True))
    code: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    requests: int = Field(sa_column=Column(BigInteger, nullable=False))
    seconds: float = Field(sa_column=Column(Double, nullable=False))
    rows_in: int = Field(sa_column=Column(BigInteger, nullable=False))
    rows_out: int = Field(sa_column=Column(BigInteger, nullable=False))
    bytes_in: int = Field(sa_column=Column(BigInteger, nullable=False))
    bytes_out: int = Field(sa_column=Column(BigInteger, nullable=False))
    buckets: list[int] = Field(sa_column=Column(ARRAY(SmallInteger), nullable=False))
    numbers: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))


class OperationStatistics(SQLModel, table=True):
    """Of operations that are forgotten, by the hour in which they ended.

    ``seconds``: of all that were started, ``started``.
    """

    __tablename__ = "operation_statistics"
    __table_args__ = {"schema": METADATA_SCHEMA}

    moment: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    platform_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    kind: OperationKind = Field(
        sa_column=Column(enum_column(OperationKind, "operation_kind").type, primary_key=True)
    )
    status: OperationStatus = Field(
        sa_column=Column(enum_column(OperationStatus, "operation_status").type, primary_key=True)
    )
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    started: int = Field(sa_column=Column(BigInteger, nullable=False))
    seconds: float = Field(sa_column=Column(Double, nullable=False))


class StatisticsWriter(SQLModel, table=True):
    """A worker, and the last batch of its counts that is among the figures."""

    __tablename__ = "statistics_writer"
    __table_args__ = {"schema": METADATA_SCHEMA}

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    batch: int = Field(sa_column=Column(BigInteger, nullable=False))
    update_at: datetime | None = Field(default=None, sa_column=stamp_column())


class StatisticsKept(SQLModel, table=True):
    """Since when figures of a span are there: what was before may have been forgotten."""

    __tablename__ = "statistics_kept"
    __table_args__ = {"schema": METADATA_SCHEMA}

    span: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
