"""Answers of verbs that change something: the first one again, where the request has a key."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar, cast

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.auditing import change_of
from api.envelope import again, kept_failure, kept_success, success
from api.state import state_of
from domain.audit import AuditedChange
from domain.once import AnsweredBefore, KeptAnswer, Once, OnceKey
from domain.operation import Operation
from exceptions.codes import ErrorCode
from exceptions.errors import TwinbaseError
from service.use_cases.follow_operation import ended
from service.use_cases.once import done_once
from service.use_cases.operation_tools import OperationTools

Result = TypeVar("Result")

REPLAYED = "Idempotent-Replayed"


async def answered(
    request: Request,
    run: Callable[[AuditedChange], Awaitable[Result]],
    data_of: Callable[[Result], object],
) -> Response:
    """With a key or without; ``data_of``: what is told of what came of it."""
    state = state_of(request)
    key, change = state["once_key"], change_of(state)

    async def run_once(once: Once) -> Result:
        return await run(change.to_be_done(once))

    async def data(result: Result) -> object:
        return data_of(result)

    if key is None:
        answer = success(state["sid"], data_of(await run(change)))
    else:
        answer = await answered_once(request, key, run_once, data)
    state["change"] = None  # done, now or before: what fails from here on is not the change
    return answer


def nothing(_result: None) -> None:
    """What is told of what has no data."""


async def answered_once(
    request: Request,
    key: OnceKey,
    run: Callable[[Once], Awaitable[Result]],
    data_of: Callable[[Result], Awaitable[object]],
) -> Response:
    """``run`` commits with what it is given, and raises AnsweredBefore where another one has."""
    state = state_of(request)
    encoder = _Encoder(data_of)
    try:
        await done_once(
            Once(key, encoder.encode), run, state["unit_of_work"], state["keys_under_way"]
        )
    except AnsweredBefore as before:
        state["code"] = ErrorCode(before.answer.code)
        answer = again(state["sid"], before.answer)
        answer.headers[REPLAYED] = "true"
        return answer
    return again(state["sid"], encoder.answer)


async def answered_at_the_end(
    request: Request,
    begin: Callable[[AuditedChange], Awaitable[Operation | None]],
    told: Callable[[Operation], object],
    *,
    wait: bool,
) -> Response:
    """Of the operation that ``begin`` begins; None: there was nothing more to do.

    With a key, it is the one that was begun before that is waited for.
    """
    begun: Operation | None = None

    async def run(change: AuditedChange) -> Operation | None:
        nonlocal begun
        begun = await begin(change)
        return begun

    answer = await answered(request, run, lambda it: None if it is None else told(it))
    state = state_of(request)
    if not wait or state["code"] is not ErrorCode.SUCCESS:
        return answer
    tools = state["operation_tools"]
    is_replayed = REPLAYED in answer.headers
    if is_replayed:
        begun = await _begun_before(answer, tools)
    if begun is None or (begun.status.is_finished and not is_replayed):
        return answer
    at_the_end = success(state["sid"], told(await ended(begun, tools, tools.patience)))
    if is_replayed:
        at_the_end.headers[REPLAYED] = "true"
    return at_the_end


async def _begun_before(answer: Response, tools: OperationTools) -> Operation | None:
    operation_id = orjson.loads(answer.body).get("data", {}).get("operation_id")
    if operation_id is None:
        return None
    async with tools.unit_of_work() as work:
        return await work.operations.find(operation_id)


class _Encoder(Generic[Result]):
    """``answer``: to what was committed. The first is made of it like all others."""

    answer: KeptAnswer

    def __init__(self, data_of: Callable[[Result], Awaitable[object]]) -> None:
        self._data_of = data_of

    async def encode(self, committed: object) -> KeptAnswer:
        if isinstance(committed, TwinbaseError):
            self.answer = kept_failure(committed)
        else:
            result = cast("Result", committed)  # which ``run`` gives to its commit, too
            self.answer = kept_success(await self._data_of(result))
        return self.answer
