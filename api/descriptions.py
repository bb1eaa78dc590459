"""Bodies of answers that tell of a database's structure, and of its history."""

from datetime import datetime

from pydantic import BaseModel, Field, JsonValue

from api.examples import DRY_RUN
from api.schemas import Answer, DatabaseLine, FromDomain
from domain.changes import Change, ChangeKind, ObjectKind
from domain.description import DatabaseDescription
from domain.history import DdlPage
from domain.schema import Environment


class ColumnView(FromDomain):
    name: str
    type: str
    nullable: bool
    default: str | None
    generated: bool
    identity: bool
    comment: str | None
    managed: bool = Field(description="true for `id` and `uid`, which the service fills.")


class KeyView(FromDomain):
    name: str
    kind: str = Field(description="PRIMARY KEY, UNIQUE, FOREIGN KEY, CHECK or EXCLUDE.")
    definition: str


class IndexView(FromDomain):
    name: str
    definition: str


class StatisticsView(FromDomain):
    name: str
    definition: str


class TableView(FromDomain):
    name: str
    comment: str | None
    rows: int = Field(description="PostgreSQL's estimate.")
    bytes: int = Field(description="With indexes and long values.")
    columns: list[ColumnView]
    keys: list[KeyView]
    indexes: list[IndexView]
    statistics: list[StatisticsView]


class ViewColumnView(FromDomain):
    name: str
    type: str
    comment: str | None


class ViewView(FromDomain):
    name: str
    comment: str | None
    definition: str = Field(description="Its query.")
    columns: list[ViewColumnView]


class SequenceView(FromDomain):
    name: str
    comment: str | None
    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cycles: bool
    owned_by: str | None = Field(description="The column with which it is dropped.")
    last_value: int | None = Field(description="null: nothing was drawn from it yet.")


class ConstraintView(FromDomain):
    name: str
    definition: str


class TypeView(FromDomain):
    name: str
    kind: str = Field(description="ENUM or DOMAIN.")
    comment: str | None
    labels: list[str] = Field(description="Of an enumeration, in their order.")
    base_type: str | None = Field(description="Of a domain, as what follows.")
    nullable: bool
    default: str | None
    constraints: list[ConstraintView]


class SchemaView(FromDomain):
    environment: Environment
    bytes: int
    tables: list[TableView]
    views: list[ViewView]
    sequences: list[SequenceView] = Field(description="But for those of identity columns.")
    types: list[TypeView]


class DatabaseView(DatabaseLine):
    schemas: list[SchemaView]

    @classmethod
    def described(cls, description: DatabaseDescription) -> "DatabaseView":
        line = DatabaseLine.of(description.database)
        return cls(
            **line.model_dump(),
            schemas=[SchemaView.model_validate(schema) for schema in description.schemas],
        )


class DatabaseAnswer(Answer):
    data: DatabaseView


class ChangeView(FromDomain):
    environment: Environment
    change: ChangeKind
    object: ObjectKind
    table: str | None = Field(description="Of a column, key, index or statistics object.")
    name: str = Field(description="As it would be called afterwards.")
    before: dict[str, JsonValue] | None = Field(
        description="Of what is dropped all that get_database tells, of what is changed the fields "
        "that differ."
    )
    after: dict[str, JsonValue] | None


class DryRun(BaseModel):
    dry_run: bool = Field(description="true: nothing was kept.")
    changes: list[ChangeView]

    @classmethod
    def of(cls, changes: list[Change]) -> "DryRun":
        return cls(dry_run=True, changes=[ChangeView.model_validate(change) for change in changes])


class DdlAnswer(Answer):
    data: DryRun | None = Field(None, description="With `dry_run` only.", examples=[DRY_RUN])


class DdlLine(FromDomain):
    id: int
    statement: str = Field(description="As it was sent.")
    environments: list[Environment]
    uid: str
    space_id: str | None
    sid: str = Field(description="Of the request, which may have had several statements.")
    create_at: datetime


class DdlList(BaseModel):
    statements: list[DdlLine]
    next_cursor: int | None = Field(
        description="Pass it as `cursor` for the next page; null: none."
    )

    @classmethod
    def of(cls, page: DdlPage) -> "DdlList":
        return cls(
            statements=[DdlLine.model_validate(record) for record in page.records],
            next_cursor=page.next_cursor,
        )


class DdlListAnswer(Answer):
    data: DdlList
