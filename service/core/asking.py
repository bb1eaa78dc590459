"""How a script asks: its fields are checked as those of a request, its changes are audited."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from pydantic import BaseModel

from api.bodies import body_of, subject_of
from api.schemas import CallersRequest
from api.state import AppState, State
from domain.audit import Actor, AuditedChange
from domain.platform import Identity
from domain.sid import new_sid
from exceptions.codes import ErrorCode
from exceptions.errors import TwinbaseError

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Asked(Generic[Body]):
    """What a request is once its fields are checked."""

    body: Body
    state: State


@dataclass(frozen=True, slots=True)
class AskedChange(Asked[Body]):
    change: AuditedChange


class Asking:
    """``acting``: what the audit calls whoever asks, beside his uid; ``uid``: of who asks for
    nobody, as administrators do.
    """

    def __init__(
        self, opened: AppState, identity: Identity, acting: str, uid: str | None = None
    ) -> None:
        self._opened = opened
        self._identity = identity
        self._acting = acting
        self._uid = uid

    def _ask(self, model: type[Body], /, **fields: object) -> Asked[Body]:
        """Raises InvalidParameter."""
        body = body_of(model, fields)
        state = cast(
            "State",
            {
                **self._opened,
                "sid": new_sid(),
                "code": ErrorCode.SUCCESS,
                "identity": self._identity,
                "once_key": None,
                "change": None,
            },
        )
        if isinstance(body, CallersRequest):
            state["caller"] = body.caller_of(self._identity.platform_id)
        return Asked(body, state)

    @asynccontextmanager
    async def _changing(
        self, verb: str, model: type[Body], /, **fields: object
    ) -> AsyncIterator[AskedChange[Body]]:
        """The block makes the change; what refuses it there is audited, as over HTTP."""
        asked = self._ask(model, **fields)
        body, state = asked.body, asked.state
        actor = Actor(
            self._identity.platform_id,
            self._identity.platform_name,
            uid=body.uid if isinstance(body, CallersRequest) else self._uid,
            app_id=self._acting,
        )
        change = AuditedChange(actor, verb, state["sid"], subject_of(body))
        try:
            yield AskedChange(body, state, change)
        except TwinbaseError as error:
            await state["refusals"].tell(change.refused(error.code))
            raise
