"""One half of a pair: a PostgreSQL schema and the environment it stands for."""

import re
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, DateTime, Enum, ForeignKey, Index, String, text
from sqlmodel import Field, SQLModel

from domain.identifiers import Identifier

METADATA_SCHEMA = "twinbase"


class Environment(StrEnum):
    PROD = "prod"
    TEST = "test"


def schema_name_of(environment: Environment, database_id: int) -> Identifier:
    """The name comes from the id alone, so nothing that a person chose is in it or cut from it."""
    return Identifier(f"{environment}_{database_id}")


def whose(schema: Identifier) -> tuple[str, int]:
    """What ``schema_name_of`` made the name of: the environment, and the database's id.

    For what people are told; nothing is decided by a name.
    """
    environment, _, database_id = schema.name.partition("_")
    return environment, int(database_id)


NAME_OF_A_SCHEMA = re.compile(rf"\b(?:{'|'.join(Environment)})_[0-9]+\b", re.IGNORECASE)
"""Of whichever database: what ``schema_name_of`` makes, within a text."""


def id_column() -> Column[int]:
    return Column(BigInteger, primary_key=True, server_default=text("twinbase.next_id()"))


def database_id_column(foreign_key: str) -> Column[int]:
    """``foreign_key``: the constraint's name."""
    of_database = ForeignKey(f"{METADATA_SCHEMA}.database_meta.id", name=foreign_key)
    return Column(BigInteger, of_database, nullable=False)


def stamp_column(*, when_it_happened: bool = False) -> Column[datetime]:
    """Kept by the database; ``when_it_happened``: empty until then."""
    if when_it_happened:
        return Column(DateTime(timezone=True), nullable=True)
    return Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))


def enum_column(
    values: type[StrEnum], name: str, default: StrEnum | None = None
) -> Column[StrEnum]:
    """A PostgreSQL enum of schema twinbase whose labels are the values, not Python's names."""
    labels = Enum(
        values,
        name=name,
        schema=METADATA_SCHEMA,
        values_callable=lambda members: [member.value for member in members],
    )
    return Column(labels, nullable=False, server_default=default.value if default else None)


class SchemaMeta(SQLModel, table=True):
    __tablename__ = "schema_meta"
    __table_args__ = (
        Index("schema_meta_database_id", "database_id", "environment", unique=True),
        {"schema": METADATA_SCHEMA},
    )

    id: int | None = Field(default=None, sa_column=id_column())
    database_id: int = Field(sa_column=database_id_column("schema_meta_database_id_fkey"))
    environment: Environment = Field(sa_column=enum_column(Environment, "environment"))
    schema_name: str = Field(sa_column=Column(String(63), nullable=False, unique=True))
    create_at: datetime | None = Field(default=None, sa_column=stamp_column())
    update_at: datetime | None = Field(default=None, sa_column=stamp_column())
    create_by: str = Field(sa_column=Column(String(64), nullable=False))
    update_by: str = Field(sa_column=Column(String(64), nullable=False))
    deleted_at: datetime | None = Field(default=None, sa_column=stamp_column(when_it_happened=True))
