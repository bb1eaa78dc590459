"""A tenant database: its row in ``database_meta``, and the value that everything else passes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, Column, Index, String, text
from sqlmodel import Field, SQLModel

from domain.identifiers import Identifier
from domain.ownership import Caller, Owner
from domain.platform import DEFAULT_PLATFORM_ID, platform_column
from domain.schema import METADATA_SCHEMA, Environment, enum_column, id_column, stamp_column
from exceptions.errors import InvalidParameter, NoSchema


class DatabaseStatus(StrEnum):
    """``cloning``: its schemas are being filled, and only its operation acts on it."""

    READY = "ready"
    CLONING = "cloning"
    DROPPED = "dropped"


class RowAccess(StrEnum):
    """Which rows of a tenant table a caller reaches.

    ``own``: his own, the default. ``space``: all of them, for whoever names the database's space,
    and his own for others. ``read_only``: all of them, for reading, and none for writing.
    """

    OWN = "own"
    SPACE = "space"
    READ_ONLY = "read_only"

    def check(self, space_id: str | None) -> None:
        """Raises InvalidParameter where there is no space whose rows could be shared."""
        if self is RowAccess.SPACE and space_id is None:
            raise InvalidParameter("row_access: space needs a database that belongs to a space.")


@dataclass(frozen=True, slots=True)
class NewDatabase:
    """What a database is before PostgreSQL has given it an id."""

    name: str
    uid: str
    description: str
    space_id: str | None
    row_access: RowAccess = RowAccess.OWN
    status: DatabaseStatus = DatabaseStatus.READY
    platform_id: int = DEFAULT_PLATFORM_ID


@dataclass(frozen=True, slots=True)
class Database:
    """``shared_with``: other platforms that reach it, by the same rule of uid and space."""

    id: int
    platform_id: int
    shared_with: frozenset[int]
    name: str
    uid: str
    description: str
    space_id: str | None
    status: DatabaseStatus
    row_access: RowAccess
    create_at: datetime
    update_at: datetime
    schemas: Mapping[Environment, Identifier]

    @property
    def owner(self) -> Owner:
        return self.platform_id, self.uid

    @property
    def is_ready(self) -> bool:
        return self.status is DatabaseStatus.READY

    def schema(self, environment: Environment) -> Identifier:
        try:
            return self.schemas[environment]
        except KeyError:
            raise NoSchema(f"The database has no {environment} schema.") from None

    def rows_for(self, caller: Caller) -> RowAccess:
        """Of a caller who may act on it: see RowAccess."""
        if self.row_access is RowAccess.SPACE and caller.space_id is None:
            return RowAccess.OWN
        return self.row_access

    def plan_copy(self, name: str, caller: Caller, space_id: str | None) -> NewDatabase:
        """Belongs to who made it, in its source's space or in the one that is named."""
        return NewDatabase(
            name=name,
            uid=caller.uid,
            description=self.description,
            space_id=space_id or self.space_id,
            row_access=self.row_access,
            status=DatabaseStatus.CLONING,
            platform_id=caller.platform_id,
        )


@dataclass(frozen=True, slots=True)
class SizeOfPair:
    """Of both schemas: tables, views and the like, and about how many bytes their rows have."""

    relations: int
    bytes: int


@dataclass(frozen=True, slots=True)
class DatabasePage:
    """``next_cursor`` None: this was the last page."""

    databases: tuple[Database, ...]
    next_cursor: int | None


class DatabaseMeta(SQLModel, table=True):
    """``space_id`` None: the database belongs to its owner alone.

    A dropped database keeps its row, with ``deleted_at``, and gives its name free.
    """

    __tablename__ = "database_meta"
    __table_args__ = (
        # Without NULLS NOT DISTINCT two databases without a space could share a name.
        Index(
            "database_meta_uid_name_space_id",
            "platform_id",
            "uid",
            "name",
            "space_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "database_meta_uid",
            "platform_id",
            "uid",
            "id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "database_meta_space_id",
            "platform_id",
            "space_id",
            "id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "database_meta_shared_with",
            "shared_with",
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL AND shared_with <> '{}'"),
        ),
        Index("database_meta_name", "name", postgresql_where=text("deleted_at IS NULL")),
        {"schema": METADATA_SCHEMA},
    )

    id: int | None = Field(default=None, sa_column=id_column())
    platform_id: int = Field(
        default=DEFAULT_PLATFORM_ID, sa_column=platform_column("database_meta")
    )
    shared_with: list[int] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(BigInteger), nullable=False, server_default="{}"),
    )
    uid: str = Field(sa_column=Column(String(64), nullable=False))
    name: str = Field(sa_column=Column(String(64), nullable=False))
    description: str = Field(
        default="", sa_column=Column(String(200), nullable=False, server_default="")
    )
    space_id: str | None = Field(default=None, sa_column=Column(String(64), nullable=True))
    status: DatabaseStatus = Field(
        default=DatabaseStatus.READY,
        sa_column=enum_column(DatabaseStatus, "database_status", DatabaseStatus.READY),
    )
    row_access: RowAccess = Field(
        default=RowAccess.OWN, sa_column=enum_column(RowAccess, "row_access", RowAccess.OWN)
    )
    create_at: datetime | None = Field(default=None, sa_column=stamp_column())
    update_at: datetime | None = Field(default=None, sa_column=stamp_column())
    create_by: str = Field(sa_column=Column(String(64), nullable=False))
    update_by: str = Field(sa_column=Column(String(64), nullable=False))
    deleted_at: datetime | None = Field(default=None, sa_column=stamp_column(when_it_happened=True))
