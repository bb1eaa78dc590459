"""Bodies of the verbs about operations, and what verbs that begin one answer."""

from datetime import datetime

from pydantic import BaseModel, Field

from api.fields import Cursor, DatabaseFilter, OperationId, PageSize, StatusFilter
from api.schemas import Answer, CallersRequest, FromDomain
from api.state import State
from domain.copies import Verify
from domain.operation import Operation, OperationKind, OperationPage, OperationStatus
from service.use_cases.get_operation import GetOperation
from service.use_cases.list_operations import ListOperations


class OperationRequest(CallersRequest):
    operation_id: OperationId

    def command(self, state: State) -> GetOperation:
        return GetOperation(self.operation_id, state["caller"])


class ListOperationsRequest(CallersRequest):
    database_id: DatabaseFilter = None
    status: StatusFilter = None
    cursor: Cursor = None
    limit: PageSize = 50

    def command(self, state: State) -> ListOperations:
        return ListOperations(
            state["caller"], self.database_id, self.status, self.cursor, self.limit
        )


class CloneReportView(FromDomain):
    """What of source and copy was found to agree, in both environments together."""

    objects: int = Field(description="Tables, columns, indexes, constraints, types and all else.")
    tables: int = Field(description="A partitioned table is one.")
    rows: int
    verified: Verify = Field(description="counts or checksums of every table's rows.")


class ClonedView(BaseModel):
    database_id: int = Field(description="Of the copy; ready once the status is succeeded.")
    operation_id: int
    status: OperationStatus
    report: CloneReportView | None = Field(None, description="Once it has succeeded.")

    @classmethod
    def told(cls, operation: Operation) -> dict[str, object]:
        view = cls(
            database_id=operation.database_id,
            operation_id=operation.id,
            status=operation.status,
            report=operation.result and CloneReportView.model_validate(operation.result),
        )
        return view.model_dump(exclude_none=True)


class ClonedAnswer(Answer):
    data: ClonedView


class DroppedView(BaseModel):
    operation_id: int
    status: OperationStatus

    @classmethod
    def told(cls, operation: Operation) -> dict[str, object]:
        return cls(operation_id=operation.id, status=operation.status).model_dump()


class DroppedAnswer(Answer):
    data: DroppedView | None = Field(
        None, description="Of a large database, of which the rest is dropped in the background."
    )


class ProgressView(FromDomain):
    step: str = Field(description="What is being done now.")
    steps_done: int = Field(description="Statements; of a drop, relations.")
    steps: int
    tables_done: int = Field(description="Whose rows have been copied.")
    tables: int
    rows: int = Field(description="That have been copied.")
    bytes_done: int = Field(description="Of rows.")
    bytes: int
    percent: float


class OperationErrorView(BaseModel):
    code: int
    message: str


class OperationView(BaseModel):
    operation_id: int
    kind: OperationKind
    status: OperationStatus
    database_id: int = Field(description="What a clone makes, what a drop drops.")
    uid: str = Field(description="Who asked for it.")
    space_id: str | None
    sid: str = Field(description="Of the request that began it.")
    attempt: int = Field(description="Above 1 where it was interrupted and begun anew.")
    cancel_requested: bool
    progress: ProgressView
    result: CloneReportView | None = Field(description="Of a clone that has succeeded.")
    error: OperationErrorView | None = Field(description="Of one that has failed.")
    create_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None = Field(description="That it has taken until now, or to its end.")
    seconds_left: float | None = Field(description="Estimated, while it runs.")

    @classmethod
    def of(cls, operation: Operation) -> "OperationView":
        is_clone = operation.kind is OperationKind.CLONE_DATABASE
        result = operation.result if is_clone else None
        return cls(
            operation_id=operation.id,
            kind=operation.kind,
            status=operation.status,
            database_id=operation.database_id,
            uid=operation.uid,
            space_id=operation.space_id,
            sid=operation.sid,
            attempt=operation.attempt,
            cancel_requested=operation.cancel_requested,
            progress=ProgressView.model_validate(operation.progress),
            result=result and CloneReportView.model_validate(result),
            error=operation.error and OperationErrorView.model_validate(operation.error),
            create_at=operation.create_at,
            started_at=operation.started_at,
            finished_at=operation.finished_at,
            seconds=operation.seconds and round(operation.seconds, 3),
            seconds_left=operation.seconds_left,
        )


class OperationAnswer(Answer):
    data: OperationView


class OperationList(BaseModel):
    operations: list[OperationView]
    next_cursor: int | None = Field(description="For the next page; null: this was the last one.")

    @classmethod
    def of(cls, page: OperationPage) -> "OperationList":
        return cls(
            operations=[OperationView.of(operation) for operation in page.operations],
            next_cursor=page.next_cursor,
        )


class OperationListAnswer(Answer):
    data: OperationList
