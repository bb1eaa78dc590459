"""What get_database tells of a database: shapes only, read from PostgreSQL's catalogs."""

from dataclasses import dataclass

from domain.database import Database
from domain.schema import Environment


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    name: str
    type: str
    nullable: bool
    default: str | None
    generated: bool
    identity: bool
    comment: str | None
    managed: bool


@dataclass(frozen=True, slots=True)
class KeyDescription:
    """A constraint or a unique index; ``kind`` in PostgreSQL's words (PRIMARY KEY, UNIQUE, …)."""

    name: str
    kind: str
    definition: str


@dataclass(frozen=True, slots=True)
class IndexDescription:
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class TableDescription:
    """``rows`` is PostgreSQL's estimate, 0 until it has counted; ``bytes`` includes indexes."""

    name: str
    comment: str | None
    rows: int
    bytes: int
    columns: tuple[ColumnDescription, ...]
    keys: tuple[KeyDescription, ...]
    indexes: tuple[IndexDescription, ...]


@dataclass(frozen=True, slots=True)
class SchemaDescription:
    environment: Environment
    bytes: int
    tables: tuple[TableDescription, ...]


@dataclass(frozen=True, slots=True)
class DatabaseDescription:
    database: Database
    schemas: tuple[SchemaDescription, ...]
