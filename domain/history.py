"""What exec_ddl has run on a database: kept for its users, statement by statement."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Column, Index, String, Text
from sqlmodel import Field, SQLModel

from domain.schema import (
    METADATA_SCHEMA,
    Environment,
    database_id_column,
    enum_column,
    id_column,
    stamp_column,
)


@dataclass(frozen=True, slots=True)
class DdlRecord:
    """One statement of an accepted request; ``sid`` is that of the request."""

    id: int
    statement: str
    environments: tuple[Environment, ...]
    uid: str
    space_id: str | None
    sid: str
    create_at: datetime


@dataclass(frozen=True, slots=True)
class DdlPage:
    """Newest first; ``next_cursor`` None: this was the last page."""

    records: tuple[DdlRecord, ...]
    next_cursor: int | None


class DdlHistory(SQLModel, table=True):
    __tablename__ = "ddl_history"
    __table_args__ = (
        Index("ddl_history_database_id", "database_id", "id"),
        {"schema": METADATA_SCHEMA},
    )

    id: int | None = Field(default=None, sa_column=id_column())
    database_id: int = Field(sa_column=database_id_column("ddl_history_database_id_fkey"))
    environments: list[Environment] = Field(
        sa_column=Column(ARRAY(enum_column(Environment, "environment").type), nullable=False)
    )
    statement: str = Field(sa_column=Column(Text, nullable=False))
    uid: str = Field(sa_column=Column(String(64), nullable=False))
    space_id: str | None = Field(default=None, sa_column=Column(String(64), nullable=True))
    sid: str = Field(sa_column=Column(String(64), nullable=False))
    create_at: datetime | None = Field(default=None, sa_column=stamp_column())
