"""How much there is now: of a database, of a uid, a space, a platform."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer
from sqlmodel import Field, SQLModel

from domain.schema import METADATA_SCHEMA, stamp_column


class UsageBy(StrEnum):
    """What usage is told by."""

    PLATFORM = "platform"
    SPACE = "space"
    UID = "uid"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Measurement:
    """Of a database, in both schemas; ``bytes`` of its files, ``relations``: of each, by its oid.

    ``tables``: in one schema; ``rows``: as PostgreSQL estimates them, or as counted.
    """

    tables: int
    rows: int
    bytes: int
    relations: Mapping[int, int]

    def bytes_by(self, after: "Measurement", changed: Collection[int]) -> int:
        """As ``after`` has made them the relations that are new, gone, or ``changed``."""
        made = {
            relation: size
            for relation, size in after.relations.items()
            if relation in changed or relation not in self.relations
        }
        gone = dict.fromkeys(self.relations.keys() - after.relations.keys(), 0)
        return self.bytes_after(made | gone)

    def bytes_after(self, written: Mapping[int, int]) -> int:
        """With these relations as large as they are now."""
        return sum({**self.relations, **written}.values())


@dataclass(frozen=True, slots=True)
class Usage:
    """``of``: what it was told by, by the names that the API has for them.

    ``tables``: in one schema of each pair. ``measured_at``: of that database which was measured
    longest ago; None where there is none.
    """

    of: Mapping[str, object]
    databases: int
    tables: int
    rows: int
    bytes: int
    measured_at: datetime | None


@dataclass(frozen=True, slots=True)
class UsageReport:
    """``usage``: the largest first, perhaps not all; ``total``: of all."""

    total: Usage
    usage: tuple[Usage, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class UsageScope:
    """Which databases are meant: those of which all that is not None holds."""

    platform_id: int | None = None
    space_id: str | None = None
    uid: str | None = None
    database_id: int | None = None

    @property
    def values(self) -> tuple[int | None, str | None, str | None, int | None]:
        """As queries take them."""
        return self.platform_id, self.space_id, self.uid, self.database_id


class DatabaseUsage(SQLModel, table=True):
    """As last measured; a database that never was has no row."""

    __tablename__ = "database_usage"
    __table_args__ = (
        Index("database_usage_measured_at", "measured_at"),
        {"schema": METADATA_SCHEMA},
    )

    database_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey(
                f"{METADATA_SCHEMA}.database_meta.id", name="database_usage_database_id_fkey"
            ),
            primary_key=True,
            autoincrement=False,
        )
    )
    tables: int = Field(sa_column=Column(Integer, nullable=False))
    rows: int = Field(sa_column=Column(BigInteger, nullable=False))
    bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    measured_at: datetime | None = Field(default=None, sa_column=stamp_column())
