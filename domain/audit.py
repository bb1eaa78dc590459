"""Audit: who changed what, when, and what came of it, in rows that are only ever added."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, String, text
from sqlmodel import Field, SQLModel

from domain.once import Once
from domain.platform import DEFAULT_PLATFORM, DEFAULT_PLATFORM_ID
from domain.schema import METADATA_SCHEMA, id_column
from domain.sid import new_sid
from exceptions.codes import ErrorCode

LONGEST_TARGET = 1_000
"""Characters."""

SHORTEST_KEPT = 1
"""Days: what is younger, PostgreSQL lets nobody forget."""


class Outcome(StrEnum):
    """Of a request the first two; how the operation ended that one has begun, the others."""

    DONE = "done"
    REFUSED = "refused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Actor:
    """``key_prefix`` None: there was no key; ``uid`` None: for nobody, as administrators act."""

    platform_id: int
    platform_name: str
    key_prefix: str | None = None
    uid: str | None = None
    app_id: str | None = None


@dataclass(frozen=True, slots=True)
class Affected:
    """By a change. ``new_database_id``: what a clone makes of ``database_id``.

    ``target``: a name that is no id: of a platform, of a new database, the prefix of a key.
    """

    database_id: int | None = None
    new_database_id: int | None = None
    target: str | None = None
    operation_id: int | None = None

    def but(self, known: "Affected") -> "Affected":
        """With what is known by now."""
        return Affected(
            known.database_id or self.database_id,
            known.new_database_id or self.new_database_id,
            known.target or self.target,
            known.operation_id or self.operation_id,
        )


NOTHING_MORE = Affected()


@dataclass(frozen=True, slots=True)
class NewAuditEntry:
    """``count``: of so many that were alike but for their sids, the last of which is told."""

    actor: Actor
    verb: str
    sid: str
    subject: Affected = NOTHING_MORE
    code: int = ErrorCode.SUCCESS
    outcome: Outcome = Outcome.DONE
    count: int = 1


@dataclass(frozen=True, slots=True)
class AuditedChange:
    """What goes with a change to the transaction that makes it, and is committed together with it.

    ``subject``: as the request says; ``once``: where it is to be done once.
    """

    actor: Actor
    verb: str
    sid: str
    subject: Affected = NOTHING_MORE
    once: Once | None = None

    def done(self, known: Affected) -> NewAuditEntry:
        return NewAuditEntry(self.actor, self.verb, self.sid, self.subject.but(known))

    def refused(self, code: ErrorCode) -> NewAuditEntry:
        return NewAuditEntry(
            self.actor, self.verb, self.sid, self.subject, code, outcome=Outcome.REFUSED
        )

    def to_be_done(self, once: Once) -> "AuditedChange":
        return replace(self, once=once)


def of_no_request(verb: str, by: str, uid: str | None = None) -> AuditedChange:
    """What a command, a start or the service itself changes; ``by`` says which, as an app_id."""
    actor = Actor(DEFAULT_PLATFORM_ID, DEFAULT_PLATFORM, uid=uid, app_id=by)
    return AuditedChange(actor, verb, new_sid())


@dataclass(frozen=True, slots=True)
class AuditEntry:
    id: int
    at: datetime
    platform_id: int
    platform_name: str
    key_prefix: str | None
    uid: str | None
    app_id: str | None
    sid: str
    verb: str
    database_id: int | None
    new_database_id: int | None
    target: str | None
    operation_id: int | None
    code: int
    outcome: Outcome
    count: int


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """None: whichever. ``since`` is within, ``until`` is not; a clone is of both its databases."""

    platform_name: str | None = None
    uid: str | None = None
    database_id: int | None = None
    verb: str | None = None
    sid: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Newest first; ``next_cursor`` None: this was the last page."""

    entries: tuple[AuditEntry, ...]
    next_cursor: int | None


def _text_column(length: int, *, nullable: bool = True) -> Column[str]:
    return Column(String(length), nullable=nullable)


def _number_column() -> Column[int]:
    return Column(BigInteger, nullable=True)


class AuditRow(SQLModel, table=True):
    """No foreign keys: what it tells of may be gone one day."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_at", "at"),
        Index("audit_platform_name", "platform_name", "id"),
        Index("audit_uid", "uid", "id", postgresql_where=text("uid IS NOT NULL")),
        Index("audit_database_id", "database_id", postgresql_where=text("database_id IS NOT NULL")),
        Index(
            "audit_new_database_id",
            "new_database_id",
            postgresql_where=text("new_database_id IS NOT NULL"),
        ),
        Index(
            "audit_operation_id", "operation_id", postgresql_where=text("operation_id IS NOT NULL")
        ),
        Index("audit_sid", "sid"),
        {"schema": METADATA_SCHEMA},
    )

    id: int | None = Field(default=None, sa_column=id_column())
    at: datetime | None = Field(
        default=None,
        sa_column=Column(
            DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")
        ),
    )
    platform_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    platform_name: str = Field(sa_column=_text_column(64, nullable=False))
    key_prefix: str | None = Field(default=None, sa_column=_text_column(16))
    uid: str | None = Field(default=None, sa_column=_text_column(64))
    app_id: str | None = Field(default=None, sa_column=_text_column(64))
    sid: str = Field(sa_column=_text_column(64, nullable=False))
    verb: str = Field(sa_column=_text_column(64, nullable=False))
    database_id: int | None = Field(default=None, sa_column=_number_column())
    new_database_id: int | None = Field(default=None, sa_column=_number_column())
    target: str | None = Field(default=None, sa_column=_text_column(LONGEST_TARGET))
    operation_id: int | None = Field(default=None, sa_column=_number_column())
    code: int = Field(sa_column=Column(Integer, nullable=False))
    outcome: str = Field(sa_column=_text_column(16, nullable=False))
    count: int = Field(
        default=1, sa_column=Column(Integer, nullable=False, server_default=text("1"))
    )
