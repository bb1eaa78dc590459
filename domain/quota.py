"""Quotas: how much a platform, a space or a uid may have and do, and which of them holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Double, Index, Integer, String
from sqlmodel import Field, SQLModel

from domain.database import Database
from domain.platform import DEFAULT_PLATFORM_ID, platform_column
from domain.schema import METADATA_SCHEMA, id_column, stamp_column
from exceptions.errors import TwinbaseError
from exceptions.quotas import ConcurrencyExceeded, QuotaDetails, QuotaExceeded, RateExceeded


class Resource(StrEnum):
    """What there is a quota of.

    ``bytes`` and ``databases``: of all databases of whose quota it is; tables and bytes ``_per_``
    database: of each. Tables are counted in one schema of the pair, bytes in both.
    ``operations``: that have not ended.
    """

    DATABASES = "databases"
    TABLES_PER_DATABASE = "tables_per_database"
    BYTES_PER_DATABASE = "bytes_per_database"
    BYTES = "bytes"
    STATEMENTS_PER_SECOND = "statements_per_second"
    CONCURRENT_STATEMENTS = "concurrent_statements"
    OPERATIONS = "operations"


class SubjectKind(StrEnum):
    PLATFORM = "platform"
    SPACE = "space"
    UID = "uid"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose quota it is: of a platform, of a space of it, or of a uid of it."""

    platform_id: int
    space_id: str | None = None
    uid: str | None = None

    @property
    def kind(self) -> SubjectKind:
        if self.uid is not None:
            return SubjectKind.UID
        return SubjectKind.PLATFORM if self.space_id is None else SubjectKind.SPACE

    @property
    def values(self) -> tuple[int, str | None, str | None]:
        """As queries take them."""
        return self.platform_id, self.space_id, self.uid

    def has(self, database: Database) -> bool:
        return (
            database.platform_id == self.platform_id
            and self.space_id in {None, database.space_id}
            and self.uid in {None, database.uid}
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """The quota that holds for somebody, and whose it is: his own, or one above him."""

    resource: Resource
    most: int
    subject: Subject

    def check(self, used: int, added: int = 1) -> None:
        """Raises QuotaExceeded, or ConcurrencyExceeded for what ends by itself."""
        if used + added > self.most:
            raise self.exceeded(used, added)

    def exceeded(self, used: int, added: int = 1, hint: str | None = None) -> TwinbaseError:
        is_passing = self.resource in _ENDING
        retry_after = _SOON if is_passing and self.most else None
        details = QuotaDetails(self.resource, self.most, used, self.subject.kind, retry_after)
        asked = f", {added} more were asked for" if added > 1 else ""
        said = (
            f"{_SAID[self.resource]}: {used} of {self.most} are used{asked}"
            f" (quota of the {details.of}). {hint or _HINTS[self.resource]}"
        )
        if retry_after is not None:
            said += " Try again shortly."
        return (ConcurrencyExceeded if is_passing else QuotaExceeded)(said, details)

    def too_fast(self, retry_after: float | None) -> TwinbaseError:
        """``retry_after``: seconds; None: never."""
        rounded = None if retry_after is None else round(max(retry_after, 0.001), 3)
        details = QuotaDetails(self.resource, self.most, self.most, self.subject.kind, rounded)
        return RateExceeded(
            f"The {details.of} may run {self.most} statements a second, and more came.", details
        )


_SOON = 1.0  # seconds, after which something may have ended

_ENDING = frozenset({Resource.CONCURRENT_STATEMENTS, Resource.OPERATIONS})

_SAID: Mapping[Resource, str] = {
    Resource.DATABASES: "Databases",
    Resource.TABLES_PER_DATABASE: "Tables of this database",
    Resource.BYTES_PER_DATABASE: "Bytes of this database",
    Resource.BYTES: "Bytes of all databases",
    Resource.CONCURRENT_STATEMENTS: "Statements that run at a time",
    Resource.OPERATIONS: "Operations that have not ended",
}

_FREE_BYTES = "SELECT, DELETE and DROP still work; what is deleted counts until it is vacuumed."
_HINTS: Mapping[Resource, str] = {
    Resource.DATABASES: "Nothing was made: drop_database one that is not needed.",
    Resource.TABLES_PER_DATABASE: "Nothing was changed: DROP TABLE one that is not needed.",
    Resource.BYTES_PER_DATABASE: f"Nothing was changed. {_FREE_BYTES}",
    Resource.BYTES: f"Nothing was changed. {_FREE_BYTES}",
    Resource.CONCURRENT_STATEMENTS: "Nothing was run.",
    Resource.OPERATIONS: "None was begun.",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for one caller or one database; None: as much as there is."""

    databases: Limit | None = None
    tables_per_database: Limit | None = None
    bytes_per_database: Limit | None = None
    bytes: Limit | None = None
    statements_per_second: Limit | None = None
    concurrent_statements: Limit | None = None
    operations: Limit | None = None

    @property
    def of_statements(self) -> bool:
        return self.statements_per_second is not None or self.concurrent_statements is not None

    @property
    def of_bytes(self) -> bool:
        return self.bytes_per_database is not None or self.bytes is not None


@dataclass(frozen=True, slots=True)
class Quota:
    """What was set for a subject; the others of its resources are as above it."""

    subject: Subject
    most: Mapping[Resource, int]


@dataclass(frozen=True, slots=True)
class QuotaOfPlatform(Quota):
    """With the platform's name, which people know it by."""

    platform_name: str


@dataclass(frozen=True, slots=True)
class SetQuotaResult:
    """``used``: now, where that is known."""

    quota: QuotaOfPlatform
    used: Mapping[Resource, int]

    @property
    def follows(self) -> dict[Resource, str]:
        """Of quotas that are below what is used."""
        return {
            resource: f"{self.used[resource]} are used, {most} may be. {_FOLLOWS[resource]}"
            for resource, most in self.quota.most.items()
            if self.used.get(resource, 0) > most
        }


_READ_ONLY = (
    "Nothing is taken away; what adds rows or tables is refused until there is room; SELECT, DELETE"
    " and DROP work."
)
_FOLLOWS: Mapping[Resource, str] = {
    Resource.DATABASES: "None is dropped; no more are made until there are fewer.",
    Resource.TABLES_PER_DATABASE: "None is dropped; no more are made in such a database.",
    Resource.BYTES_PER_DATABASE: _READ_ONLY,
    Resource.BYTES: _READ_ONLY,
    Resource.OPERATIONS: "Those under way go on; no more are begun until there are fewer.",
}


def limits_of(whose: Subject, quotas: Iterable[Quota], default: Mapping[Resource, int]) -> Limits:
    """The most specific holds: of the uid, else of the space, else of the platform.

    ``quotas``: those of these three that there are. ``default`` holds for each uid by itself.
    """
    own = Subject(whose.platform_id, uid=whose.uid)
    found = {resource: Limit(resource, most, own) for resource, most in default.items()}
    order = list(SubjectKind)
    for quota in sorted(quotas, key=lambda quota: order.index(quota.subject.kind)):
        found |= {name: Limit(name, most, quota.subject) for name, most in quota.most.items()}
    return Limits(**{resource.value: limit for resource, limit in found.items()})


class QuotaMeta(SQLModel, table=True):
    __tablename__ = "quota"
    __table_args__ = (
        Index(
            "quota_platform_id",
            "platform_id",
            "space_id",
            "uid",
            "resource",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        {"schema": METADATA_SCHEMA},
    )

    id: int | None = Field(default=None, sa_column=id_column())
    platform_id: int = Field(default=DEFAULT_PLATFORM_ID, sa_column=platform_column("quota"))
    space_id: str | None = Field(default=None, sa_column=Column(String(64), nullable=True))
    uid: str | None = Field(default=None, sa_column=Column(String(64), nullable=True))
    resource: Resource = Field(sa_column=Column(String(32), nullable=False))
    most: int = Field(sa_column=Column(BigInteger, nullable=False))
    create_at: datetime | None = Field(default=None, sa_column=stamp_column())
    update_at: datetime | None = Field(default=None, sa_column=stamp_column())


class StatementBucket(SQLModel, table=True):
    """Of whom there is a quota of statements per second: what he may still run now.

    ``granted``: to the worker that asked last. It is not logged: after a crash all are full.
    """

    __tablename__ = "statement_bucket"
    __table_args__ = (
        Index(
            "statement_bucket_platform_id",
            "platform_id",
            "space_id",
            "uid",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        {"schema": METADATA_SCHEMA, "prefixes": ["UNLOGGED"]},
    )

    id: int | None = Field(default=None, sa_column=id_column())
    platform_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    space_id: str | None = Field(default=None, sa_column=Column(String(64), nullable=True))
    uid: str | None = Field(default=None, sa_column=Column(String(64), nullable=True))
    tokens: float = Field(sa_column=Column(Double, nullable=False))
    granted: int = Field(sa_column=Column(Integer, nullable=False))
    refilled_at: datetime | None = Field(default=None, sa_column=stamp_column())
