"""Bodies of requests and answers. Unknown fields are refused: a misspelt one is no default."""

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.fields import (
    Cursor,
    DatabaseId,
    DatabaseName,
    Description,
    IdempotencyKey,
    NameFilter,
    NewDescription,
    PageSize,
    RowAccessName,
    SpaceId,
    Uid,
    Wait,
)
from api.state import State
from domain.database import Database, DatabasePage, DatabaseStatus, RowAccess
from domain.ownership import Caller
from service.use_cases.create_database import CreateDatabase
from service.use_cases.drop_database import DropDatabase
from service.use_cases.get_database import GetDatabase
from service.use_cases.list_databases import ListDatabases
from service.use_cases.modify_db_description import ModifyDbDescription
from service.use_cases.set_row_access import SetRowAccess


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CallersRequest(Request):
    """Of somebody for himself, or for a space."""

    uid: Uid
    space_id: SpaceId = None

    @property
    def acting_app(self) -> str | None:
        """The application that says it acts; None: it does not say."""
        return None

    def caller_of(self, platform_id: int) -> Caller:
        return Caller(self.uid, self.space_id, platform_id)


class FromDomain(BaseModel):
    """Of an object whose attributes have the fields' names."""

    model_config: ClassVar[ConfigDict] = ConfigDict(from_attributes=True)


class KeyedRequest(Request):
    idempotency_key: IdempotencyKey = None


class ChangingRequest(CallersRequest, KeyedRequest):
    pass


class CreateDatabaseRequest(ChangingRequest):
    database_name: DatabaseName
    description: Description = ""
    row_access: RowAccessName = RowAccess.OWN

    def command(self, state: State) -> CreateDatabase:
        return CreateDatabase(
            self.database_name, state["caller"], self.description, self.row_access
        )


class DropDatabaseRequest(ChangingRequest):
    database_id: DatabaseId
    wait: Wait = True

    def command(self, state: State) -> DropDatabase:
        return DropDatabase(self.database_id, state["caller"], state["sid"])


class ModifyDbDescriptionRequest(ChangingRequest):
    database_id: DatabaseId
    description: NewDescription = None

    def command(self, state: State) -> ModifyDbDescription:
        return ModifyDbDescription(self.database_id, state["caller"], self.description)


class SetRowAccessRequest(ChangingRequest):
    database_id: DatabaseId
    row_access: RowAccessName

    def command(self, state: State) -> SetRowAccess:
        return SetRowAccess(self.database_id, state["caller"], self.row_access)


class ListDatabasesRequest(CallersRequest):
    name_contains: NameFilter = ""
    cursor: Cursor = None
    limit: PageSize = 50

    def command(self, state: State) -> ListDatabases:
        return ListDatabases(state["caller"], self.name_contains, self.cursor, self.limit)


class GetDatabaseRequest(CallersRequest):
    database_id: DatabaseId

    def command(self, state: State) -> GetDatabase:
        return GetDatabase(self.database_id, state["caller"])


class Answer(BaseModel):
    """The envelope without data."""

    code: int = Field(examples=[0])
    message: str = Field(examples=["success"])
    sid: str = Field(examples=["tb5f0c8a1e6d7b42f19c3e0a8d4b6f1c27"])


class DatabaseCreated(BaseModel):
    database_id: int = Field(examples=[245133529153536])


class CreatedAnswer(Answer):
    data: DatabaseCreated


class DatabaseLine(BaseModel):
    database_id: int
    database_name: str
    description: str
    uid: str
    space_id: str | None
    status: DatabaseStatus
    row_access: RowAccess = Field(description="Which rows a caller reaches; see `set_row_access`.")
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
