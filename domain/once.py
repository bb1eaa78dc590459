"""Requests that are done once, however often they are sent: their keys, and the answers kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, SmallInteger, String, Text
from sqlmodel import Field, SQLModel

from domain.ownership import Owner
from domain.platform import DEFAULT_PLATFORM_ID, platform_column
from domain.schema import METADATA_SCHEMA, stamp_column

LONGEST_KEY = 255
"""Characters."""

MOST_KEPT = 1024 * 1024
"""Bytes of one answer's ``data``."""

UNDER_WAY = "A request with this idempotency key is still under way; try again shortly."


@dataclass(frozen=True, slots=True)
class OnceKey:
    """``key``: as the caller named the request; ``fingerprint``: of all else that he said."""

    owner: Owner
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An envelope without its sid; ``data``: as JSON."""

    code: int
    http_status: int
    message: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Once:
    """``encode``: the answer that belongs to what is committed, a result or an error of ours."""

    key: OnceKey
    encode: Callable[[object], Awaitable[KeptAnswer]]


class AnsweredBefore(Exception):
    """No error: the request was done by an earlier one, whose answer this is."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__()
        self.answer = answer


class IdempotencyKey(SQLModel, table=True):
    """What the answer consists of is empty only in the transaction that does the request."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        Index("idempotency_key_expires_at", "expires_at"),
        {"schema": METADATA_SCHEMA},
    )

    platform_id: int = Field(
        default=DEFAULT_PLATFORM_ID,
        sa_column=platform_column("idempotency_key", primary_key=True),
    )
    uid: str = Field(sa_column=Column(String(64), primary_key=True))
    key: str = Field(sa_column=Column(String(LONGEST_KEY), primary_key=True))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    code: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    http_status: int | None = Field(default=None, sa_column=Column(SmallInteger, nullable=True))
    message: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    data: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    create_at: datetime | None = Field(default=None, sa_column=stamp_column())
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
