"""What the audit is told of a request: who asks for which change, and that it was refused."""

from pydantic import BaseModel
from starlette.requests import Request

from api.authentication import consumer_of
from api.bodies import subject_of
from api.schemas import CallersRequest
from api.state import State, state_of
from domain.audit import Actor, AuditedChange
from exceptions.errors import AppNotAllowed, ScopeMissing, TwinbaseError

_LONGEST_APP = 64


def change_asked(verb: str, body: BaseModel | None, request: Request) -> AuditedChange:
    """``body`` None: it was refused before it was read."""
    state = state_of(request)
    identity = state["identity"]
    consumer = consumer_of(request.scope) or ""
    actor = Actor(
        identity.platform_id,
        identity.platform_name,
        identity.key_prefix,
        body.uid if isinstance(body, CallersRequest) else None,
        consumer[:_LONGEST_APP].replace("\0", "") or None,
    )
    return AuditedChange(actor, verb, state["sid"], subject_of(body))


def change_of(state: State) -> AuditedChange:
    """Of a verb that is documented as one that changes something."""
    change = state["change"]
    if change is None:
        raise RuntimeError("nothing is to be changed")
    return change


async def tell_refusal(verb: str, error: TwinbaseError, request: Request) -> None:
    """Not of a request that is malformed, nor of one whose change was made."""
    state = state_of(request)
    change = state.get("change")
    if change is None and isinstance(error, ScopeMissing | AppNotAllowed):
        change = change_asked(verb, None, request)
    if change is not None:
        await state["refusals"].tell(change.refused(error.code))
