"""Bodies of requests and answers. Unknown fields are refused: a misspelt one is no default."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.fields import (
    AppId,
    Compact,
    Cursor,
    DatabaseId,
    DatabaseName,
    Description,
    DryRunField,
    EnvironmentName,
    IdempotencyKey,
    LockTimeoutMs,
    NameFilter,
    NewDescription,
    OneEnvironment,
    PageSize,
    Params,
    ReadOnly,
    RequestSid,
    RowAccessName,
    SpaceId,
    SqlText,
    TimeoutMs,
    Uid,
    Wait,
)
from api.state import State
from domain.audit import AuditedChange
from domain.database import Database, DatabasePage, DatabaseStatus, RowAccess
from domain.gate import DmlKind
from domain.once import Once
from domain.ownership import Caller
from domain.platform import Scope
from service.use_cases.drop_database import DropDatabase
from service.use_cases.exec_ddl import ExecDdl
from service.use_cases.statements import DmlRequest


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


class DropDatabaseRequest(ChangingRequest):
    database_id: DatabaseId
    wait: Wait = True

    def command(self, state: State) -> DropDatabase:
        return DropDatabase(self.database_id, state["caller"], state["sid"])


class ModifyDbDescriptionRequest(ChangingRequest):
    database_id: DatabaseId
    description: NewDescription = None


class ExecDdlRequest(ChangingRequest):
    database_id: DatabaseId
    ddl: Annotated[SqlText, Field(examples=['CREATE TABLE "Orders" ("Item" VARCHAR, amount INT)'])]
    env: OneEnvironment = None
    dry_run: DryRunField = False
    timeout_ms: TimeoutMs = None
    lock_timeout_ms: LockTimeoutMs = None

    def command(self, state: State, change: AuditedChange | None) -> ExecDdl:
        return ExecDdl(
            database_id=self.database_id,
            caller=state["caller"],
            ddl=self.ddl,
            sid=state["sid"],
            environment=self.env,
            dry_run=self.dry_run,
            timeout_ms=self.timeout_ms,
            lock_timeout_ms=self.lock_timeout_ms,
            change=change,
        )


class ListDdlRequest(CallersRequest):
    database_id: DatabaseId
    cursor: Cursor = None
    limit: PageSize = 50


class DmlOnDatabase(CallersRequest):
    app_id: AppId
    database_id: DatabaseId
    dml: Annotated[SqlText, Field(examples=['SELECT * FROM "Orders"'])]
    env: EnvironmentName
    params: Params = None
    timeout_ms: TimeoutMs = None
    lock_timeout_ms: LockTimeoutMs = None

    @property
    def acting_app(self) -> str:
        return self.app_id

    def request(
        self, state: State, *, read_only: bool = False, once: Once | None = None
    ) -> DmlRequest:
        return DmlRequest(
            database_id=self.database_id,
            caller=state["caller"],
            app_id=self.app_id,
            dml=self.dml,
            environment=self.env,
            sid=state["sid"],
            params=self.params,
            may_write=Scope.DML_WRITE in state["identity"].scopes,
            read_only=read_only,
            timeout_ms=self.timeout_ms,
            lock_timeout_ms=self.lock_timeout_ms,
            once=once,
        )


class ExecDmlRequest(DmlOnDatabase, ChangingRequest):
    read_only: ReadOnly = False
    compact: Compact = False


class ExplainDmlRequest(DmlOnDatabase):
    pass


class CancelStatementRequest(CallersRequest):
    database_id: DatabaseId
    sid: RequestSid


class SetRowAccessRequest(ChangingRequest):
    database_id: DatabaseId
    row_access: RowAccessName


class ListDatabasesRequest(CallersRequest):
    name_contains: NameFilter = ""
    cursor: Cursor = None
    limit: PageSize = 50


class GetDatabaseRequest(CallersRequest):
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


class ColumnOfResult(BaseModel):
    name: str
    type: str = Field(description="As PostgreSQL prints it, without length or precision.")


class ResultView(BaseModel):
    """What one statement did."""

    kind: DmlKind
    affected_rows: int = Field(description="Rows that were changed; 0 for a SELECT.")
    columns: list[ColumnOfResult]
    rows: list[dict[str, object]] | list[list[object]] = Field(
        description="Objects; with `compact` lists of values in the order of `columns`."
    )
    truncated: bool = Field(description="true where rows or bytes were more than the caps.")


class DmlData(BaseModel):
    exec_success: list[dict[str, object]] = Field(
        description="Rows of SELECT and RETURNING; `{id}` for each row of a plain INSERT; "
        "nothing for UPDATE and DELETE. All statements' rows in one list. Of columns with one "
        "name the last is told: give them aliases. Empty with `compact`."
    )
    exec_failure: list[object] = Field(
        description="Always empty: a request's statements run in one transaction."
    )
    exec_time: float = Field(
        description="Seconds for judging the statements, their turn, and running them."
    )
    results: list[ResultView] = Field(description="One for each statement, in their order.")
    truncated: bool | None = Field(
        default=None, description="true where an answer was cut; absent otherwise."
    )


class DmlAnswer(Answer):
    data: DmlData


class ExplainData(BaseModel):
    plans: list[object] = Field(
        description="PostgreSQL's EXPLAIN (FORMAT JSON) of each statement; none was run."
    )


class ExplainAnswer(Answer):
    data: ExplainData


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
