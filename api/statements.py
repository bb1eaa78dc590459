"""Bodies of the verbs that run SQL, and what they answer."""

from typing import Annotated

from pydantic import BaseModel, Field

from api.fields import (
    AppId,
    Compact,
    Cursor,
    DatabaseId,
    DryRunField,
    EnvironmentName,
    LockTimeoutMs,
    OneEnvironment,
    PageSize,
    Params,
    ReadOnly,
    RequestSid,
    SqlText,
    TimeoutMs,
)
from api.schemas import Answer, CallersRequest, ChangingRequest
from api.state import State
from domain.audit import AuditedChange
from domain.gate import DmlKind
from domain.once import Once
from domain.platform import Scope
from service.use_cases.cancel_statement import CancelStatement
from service.use_cases.exec_ddl import ExecDdl
from service.use_cases.list_ddl import ListDdl
from service.use_cases.statements import DmlRequest


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

    def command(self, state: State) -> ListDdl:
        return ListDdl(self.database_id, state["caller"], self.cursor, self.limit)


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

    def command(self, state: State) -> CancelStatement:
        return CancelStatement(self.database_id, state["caller"], self.sid)


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
