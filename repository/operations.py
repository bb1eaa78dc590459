"""``operation``: long work and what is known of it; begun in the transaction that asks for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from asyncpg import Connection, Record

from domain.operation import (
    NewOperation,
    Operation,
    OperationKind,
    OperationPage,
    OperationStatus,
    Progress,
)
from domain.ownership import Caller
from domain.trace_context import TRACE, TraceContext
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.operation_news import OPERATIONS_CHANNEL
from repository.operation_queue import cancel_job, enqueue
from repository.queries import queries

_SQL = queries("operations")
_TRACE = "trace"  # in ``request``, beside what was asked for
_COLUMNS = _SQL["columns"]
_BEGIN, _REQUEST_CANCEL = (
    f"{_SQL[those]}\n{_COLUMNS}" for those in ("begin_operation", "request_cancel")
)
_CLAIM, _CLAIM_NEW = (_SQL[those].format(columns=_COLUMNS) for those in ("claim", "claim_new"))
_FIND, _LIST, _LIST_EVERY = (
    "\n".join(("SELECT", _COLUMNS, _SQL["operations"], _SQL[those]))
    for those in ("find", "list_operations", "list_every_operation")
)


class Operations:
    """``driver`` is the connection of a running transaction; nothing here commits."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def begin_operation(self, new: NewOperation) -> Operation:
        """Somebody will run it once the transaction has committed."""
        operation = await self._first(_BEGIN, *_values_of(new))
        with translated():
            await enqueue(self._driver, operation.id)
        return operation

    async def claim_new(self, new: NewOperation, at_once_of_uid: int) -> Operation:
        operation = await self._first(_CLAIM_NEW, *_values_of(new), at_once_of_uid)
        if operation.status is OperationStatus.PENDING:
            with translated():
                await enqueue(self._driver, operation.id)
        return operation

    async def find(self, operation_id: int) -> Operation | None:
        return await self._one(_FIND, operation_id)

    async def list_operations(
        self,
        caller: Caller | None,
        *,
        database_id: int | None,
        status: OperationStatus | None,
        before_id: int | None,
        limit: int,
    ) -> OperationPage:
        # One more than asked for tells whether there is a next page.
        asked = (database_id, status, before_id, limit + 1)
        with translated():
            if caller is None:
                rows = await fetch(self._driver, _LIST_EVERY, *asked)
            else:
                whose = (caller.uid, caller.space_id, caller.platform_id)
                rows = await fetch(self._driver, _LIST, *asked, *whose)
        shown = tuple(_operation(row) for row in rows[:limit])
        return OperationPage(shown, shown[-1].id if len(rows) > limit else None)

    async def claim(self, operation_id: int, at_once_of_uid: int) -> Operation | None:
        with translated():
            await fetch(self._driver, _SQL["overtake"], operation_id)
        claimed = await self._one(_CLAIM, operation_id, at_once_of_uid, OPERATIONS_CHANNEL)
        if claimed is not None:
            # Whoever was claiming it in the same moment has left an attempt since.
            with translated():
                await fetch(self._driver, _SQL["overtake_others"], operation_id, claimed.attempt)
        return claimed

    async def put_back(self, operation: Operation) -> bool:
        is_mine = await self._changed("put_back", operation, OPERATIONS_CHANNEL)
        if is_mine:
            with translated():
                await enqueue(self._driver, operation.id)
        return is_mine

    async def still_alive(self, operation: Operation) -> bool:
        return await self._changed("still_alive", operation)

    async def end_operation(
        self,
        operation: Operation,
        status: OperationStatus,
        *,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> bool:
        told = (status, _text(result), _text(error))
        return await self._changed("end_operation", operation, *told, OPERATIONS_CHANNEL)

    async def tell_progress(self, operation: Operation, progress: Progress) -> bool:
        told = _text(progress.as_json())
        return await self._changed("tell_progress", operation, told, OPERATIONS_CHANNEL)

    async def still_mine(self, operation: Operation) -> bool:
        return await self._changed("still_mine", operation)

    async def cancel_operation(self, operation: Operation) -> Operation | None:
        requested = await self._one(_REQUEST_CANCEL, operation.id, OPERATIONS_CHANNEL)
        if requested is not None:
            with translated():
                if not await cancel_job(self._driver, operation.id):
                    await enqueue(self._driver, operation.id)  # whoever takes it overtakes
        return requested

    async def enqueue(self, operation_id: int) -> None:
        with translated():
            await enqueue(self._driver, operation_id)

    async def forget_ended(self, before: timedelta, most: int) -> int:
        with translated():
            (row,) = await fetch(self._driver, _SQL["forget_ended"], before.total_seconds(), most)
        return int(row["forgotten"])

    async def _changed(self, query: str, operation: Operation, *values: object) -> bool:
        with translated():
            return bool(
                await fetch(self._driver, _SQL[query], operation.id, operation.attempt, *values)
            )

    async def _first(self, query: str, *values: object) -> Operation:
        with translated():
            (row,) = await fetch(self._driver, query, *values)
        return _operation(row)

    async def _one(self, query: str, *values: object) -> Operation | None:
        with translated():
            rows = await fetch(self._driver, query, *values)
        return _operation(rows[0]) if rows else None


def _values_of(new: NewOperation) -> tuple[object, ...]:
    trace = TRACE.get()
    request = _text(new.request if trace is None else {**new.request, _TRACE: trace.as_json()})
    caller = new.caller
    owner = (caller.platform_id, caller.uid, caller.space_id)
    return new.kind, new.database_id, request, *owner, new.sid


def _text(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _json(text: str | None) -> dict[str, Any] | None:
    return None if text is None else orjson.loads(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _operation(row: Record) -> Operation:
    request = orjson.loads(row["request"])
    trace = request.pop(_TRACE, None)
    return Operation(
        id=row["id"],
        kind=OperationKind(row["kind"]),
        status=OperationStatus(row["status"]),
        database_id=row["database_id"],
        request=request,
        platform_id=row["platform_id"],
        uid=row["uid"],
        space_id=row["space_id"],
        sid=row["sid"],
        attempt=row["attempt"],
        interruptions=row["interruptions"],
        cancel_requested=row["cancel_requested"],
        progress=Progress.from_json(orjson.loads(row["progress"])),
        result=_json(row["result"]),
        error=_json(row["error"]),
        create_at=datetime.fromisoformat(row["create_at"]),
        started_at=_moment(row["started_at"]),
        finished_at=_moment(row["finished_at"]),
        seconds=row["seconds"],
        begun_in=None if trace is None else TraceContext.from_json(trace),
    )
