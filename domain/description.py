"""What get_database tells of a database: shapes only, read from PostgreSQL's catalogs.

``oid``, and ``number`` of a column, are what an object keeps when its name or definition changes.
"""

from dataclasses import dataclass

from domain.database import Database
from domain.schema import Environment


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    number: int
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
    """A constraint; ``kind`` in PostgreSQL's words (PRIMARY KEY, UNIQUE, …)."""

    oid: int
    name: str
    kind: str
    definition: str


@dataclass(frozen=True, slots=True)
class IndexDescription:
    oid: int
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class StatisticsDescription:
    oid: int
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class TableDescription:
    """``rows`` is PostgreSQL's estimate, 0 until it has counted; ``bytes`` includes indexes."""

    oid: int
    name: str
    comment: str | None
    rows: int
    bytes: int
    columns: tuple[ColumnDescription, ...]
    keys: tuple[KeyDescription, ...]
    indexes: tuple[IndexDescription, ...]
    statistics: tuple[StatisticsDescription, ...]


@dataclass(frozen=True, slots=True)
class ViewColumnDescription:
    name: str
    type: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class ViewDescription:
    oid: int
    name: str
    comment: str | None
    definition: str
    columns: tuple[ViewColumnDescription, ...]


@dataclass(frozen=True, slots=True)
class SequenceDescription:
    """Not of an identity column. ``owned_by``: the column with which it goes.

    ``last_value`` None: nothing was drawn from it yet.
    """

    oid: int
    name: str
    comment: str | None
    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cycles: bool
    owned_by: str | None
    last_value: int | None


@dataclass(frozen=True, slots=True)
class ConstraintDescription:
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class TypeDescription:
    """``kind`` ENUM, with ``labels``; or DOMAIN, with all that follows them."""

    oid: int
    name: str
    kind: str
    comment: str | None
    labels: tuple[str, ...]
    base_type: str | None
    nullable: bool
    default: str | None
    constraints: tuple[ConstraintDescription, ...]


@dataclass(frozen=True, slots=True)
class SchemaDescription:
    environment: Environment
    bytes: int
    tables: tuple[TableDescription, ...]
    views: tuple[ViewDescription, ...]
    sequences: tuple[SequenceDescription, ...]
    types: tuple[TypeDescription, ...]


@dataclass(frozen=True, slots=True)
class DatabaseDescription:
    database: Database
    schemas: tuple[SchemaDescription, ...]
