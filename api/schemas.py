"""Bodies of requests and answers. Unknown fields are refused: a misspelt one is no default."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.fields import (
    AppId,
    CopyName,
    Cursor,
    DatabaseId,
    DatabaseName,
    Description,
    EnvironmentName,
    NameFilter,
    NewDescription,
    PageSize,
    SpaceId,
    SqlText,
    Uid,
)
from domain.database import Database, DatabasePage, DatabaseStatus, RowAccess
from domain.description import DatabaseDescription
from domain.ownership import Caller
from domain.schema import Environment


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    uid: Uid


class SpaceRequest(Request):
    space_id: SpaceId = None

    @property
    def caller(self) -> Caller:
        return Caller(self.uid, self.space_id)


class CreateDatabaseRequest(SpaceRequest):
    database_name: DatabaseName
    description: Description = ""


class CloneDatabaseRequest(SpaceRequest):
    database_id: DatabaseId
    new_database_name: CopyName


class DropDatabaseRequest(SpaceRequest):
    database_id: DatabaseId


class ModifyDbDescriptionRequest(SpaceRequest):
    database_id: DatabaseId
    description: NewDescription = None


class ExecDdlRequest(SpaceRequest):
    database_id: DatabaseId
    ddl: Annotated[SqlText, Field(examples=['CREATE TABLE "Orders" ("Item" VARCHAR, amount INT)'])]


class ExecDmlRequest(SpaceRequest):
    app_id: AppId
    database_id: DatabaseId
    dml: Annotated[SqlText, Field(examples=['SELECT * FROM "Orders"'])]
    env: EnvironmentName


class ListDatabasesRequest(SpaceRequest):
    name_contains: NameFilter = ""
    cursor: Cursor = None
    limit: PageSize = 50


class GetDatabaseRequest(SpaceRequest):
    database_id: DatabaseId


class Answer(BaseModel):
    """The envelope without data."""

    code: int = Field(examples=[0])
    message: str = Field(examples=["success"])
    sid: str = Field(examples=["tb5f0c8a1e6d7b42f19c3e0a8d4b6f1c27"])


class DatabaseCreated(BaseModel):
    database_id: int = Field(examples=[245133529153536])


class CreatedAnswer(Answer):
    data: DatabaseCreated


class DmlData(BaseModel):
    exec_success: list[dict[str, object]] = Field(
        description="Rows of SELECT and RETURNING; `{id}` for each row of a plain INSERT; "
        "nothing for UPDATE and DELETE. All statements' rows in one list. Of columns with one "
        "name the last is told: give them aliases."
    )
    exec_failure: list[object] = Field(
        description="Always empty: a request's statements run in one transaction."
    )
    exec_time: float = Field(description="Seconds that the statements took.")
    truncated: bool | None = Field(
        default=None, description="true where an answer was cut; absent otherwise."
    )


class DmlAnswer(Answer):
    data: DmlData


class DatabaseLine(BaseModel):
    database_id: int
    database_name: str
    description: str
    uid: str
    space_id: str | None
    status: DatabaseStatus
    row_access: RowAccess = Field(description="Which rows a caller reaches; for now always `own`.")
    create_at: datetime
    update_at: datetime

    @classmethod
    def of(cls, database: Database) -> "DatabaseLine":
        return cls(
            database_id=database.id,
            database_name=database.name,
            description=database.description,
            uid=database.uid,
            space_id=database.space_id,
            status=database.status,
            row_access=database.row_access,
            create_at=database.create_at,
            update_at=database.update_at,
        )


class DatabaseList(BaseModel):
    databases: list[DatabaseLine]
    next_cursor: int | None = Field(
        description="Pass it as `cursor` for the next page; null: none."
    )

    @classmethod
    def of(cls, page: DatabasePage) -> "DatabaseList":
        return cls(
            databases=[DatabaseLine.of(database) for database in page.databases],
            next_cursor=page.next_cursor,
        )


class ListAnswer(Answer):
    data: DatabaseList


class FromDomain(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(from_attributes=True)


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


class TableView(FromDomain):
    name: str
    comment: str | None
    rows: int = Field(description="PostgreSQL's estimate.")
    bytes: int = Field(description="With indexes and long values.")
    columns: list[ColumnView]
    keys: list[KeyView]
    indexes: list[IndexView]


class SchemaView(FromDomain):
    environment: Environment
    bytes: int
    tables: list[TableView]


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
