"""Platforms: the applications that call the service, what each may do, and how it proves itself."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlmodel import Field, SQLModel

from domain.schema import METADATA_SCHEMA, id_column, stamp_column

DEFAULT_PLATFORM_ID = 1
"""Of all that came, or comes, without a key."""

DEFAULT_PLATFORM = "default"
"""Its name."""


class Scope(StrEnum):
    """What a key may be used for. ``admin``: platforms, keys, quotas, and everybody's figures."""

    DATABASES_READ = "databases:read"
    DATABASES_WRITE = "databases:write"
    DDL = "ddl"
    DML_READ = "dml:read"
    DML_WRITE = "dml:write"
    DATA = "data"
    ADMIN = "admin"


EVERY_SCOPE = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sent a request. ``app_ids`` None: whichever; ``key_prefix`` None: there was no key."""

    platform_id: int
    platform_name: str
    scopes: frozenset[Scope]
    app_ids: frozenset[str] | None = None
    key_prefix: str | None = None


ANYBODY = Identity(DEFAULT_PLATFORM_ID, DEFAULT_PLATFORM, EVERY_SCOPE)
"""Who calls where no keys are asked for."""


@dataclass(frozen=True, slots=True)
class Platform:
    id: int
    name: str
    app_ids: frozenset[str] | None
    scopes: frozenset[Scope]
    is_active: bool
    create_at: datetime
    update_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """All but the key itself. ``scopes`` None: those of its platform, else only these of them."""

    id: int
    platform_id: int
    prefix: str
    scopes: frozenset[Scope] | None
    create_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What a key stands for. ``expires_at``: seconds since 1970, by PostgreSQL's clock.

    ``refusal``: why it no longer counts.
    """

    hash: bytes
    key_id: int
    identity: Identity
    expires_at: float | None
    refusal: str | None


_MARK = "tb_"
_PREFIX_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike
_LENGTH_OF_PREFIX = 8
_BYTES_OF_A_SECRET = 32


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """``text``: what its platform sends, a prefix, ``_``, a secret; told once and kept nowhere."""

    text: str
    prefix: str

    @classmethod
    def make(cls) -> "NewApiKey":
        letters = (secrets.choice(_PREFIX_LETTERS) for _ in range(_LENGTH_OF_PREFIX))
        prefix = _MARK + "".join(letters)
        return cls(f"{prefix}_{secrets.token_urlsafe(_BYTES_OF_A_SECRET)}", prefix)

    @property
    def hash(self) -> bytes:
        return hash_of(self.text.encode())


def hash_of(key: bytes) -> bytes:
    """One round is enough: nobody guesses 256 random bits, however fast he can try."""
    return sha256(key).digest()


def scopes_in(labels: Iterable[str]) -> frozenset[Scope]:
    return frozenset(Scope(label) for label in labels)


def platform_column(table: str, *, primary_key: bool = False) -> Column[int]:
    return Column(
        BigInteger,
        ForeignKey(f"{METADATA_SCHEMA}.platform.id", name=f"{table}_platform_id_fkey"),
        nullable=False,
        server_default=str(DEFAULT_PLATFORM_ID),
        primary_key=primary_key,
    )


class PlatformMeta(SQLModel, table=True):
    __tablename__ = "platform"
    __table_args__ = {"schema": METADATA_SCHEMA}

    id: int | None = Field(default=None, sa_column=id_column())
    name: str = Field(sa_column=Column(String(64), nullable=False, unique=True))
    app_ids: list[str] | None = Field(
        default=None, sa_column=Column(ARRAY(String(64)), nullable=True)
    )
    scopes: list[str] = Field(sa_column=Column(ARRAY(String(32)), nullable=False))
    is_active: bool = Field(
        default=True, sa_column=Column(Boolean, nullable=False, server_default=text("true"))
    )
    create_at: datetime | None = Field(default=None, sa_column=stamp_column())
    update_at: datetime | None = Field(default=None, sa_column=stamp_column())


class ApiKeyMeta(SQLModel, table=True):
    """``hash``: of the whole key, which itself is kept nowhere."""

    __tablename__ = "api_key"
    __table_args__ = (
        Index("api_key_platform_id", "platform_id", "id"),
        {"schema": METADATA_SCHEMA},
    )

    id: int | None = Field(default=None, sa_column=id_column())
    platform_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey(f"{METADATA_SCHEMA}.platform.id", name="api_key_platform_id_fkey"),
            nullable=False,
        )
    )
    prefix: str = Field(sa_column=Column(String(16), nullable=False, unique=True))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    scopes: list[str] | None = Field(
        default=None, sa_column=Column(ARRAY(String(32)), nullable=True)
    )
    expires_at: datetime | None = Field(default=None, sa_column=stamp_column(when_it_happened=True))
    last_used_at: datetime | None = Field(
        default=None, sa_column=stamp_column(when_it_happened=True)
    )
    revoked_at: datetime | None = Field(default=None, sa_column=stamp_column(when_it_happened=True))
    create_at: datetime | None = Field(default=None, sa_column=stamp_column())
