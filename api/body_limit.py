"""The largest request body, for every path: refused before it is read, or as soon as it grew."""

from starlette.types import Message, Receive, Scope

from api.headers import header
from exceptions.errors import BodyTooLarge

_MOST_DIGITS = 18  # of a Content-Length that is worth reading as a number


def limited(scope: Scope, receive: Receive, most: int) -> Receive:
    """``receive`` that raises BodyTooLarge; Starlette's own limit would answer in plain text.

    The state's ``bytes_in`` tells how much has come.
    """
    state = scope["state"]
    told = header(scope, b"content-length") or b""
    refused = told.isdigit() and (len(told) > _MOST_DIGITS or int(told) > most)
    state["bytes_in"] = 0

    async def receive_within_limit() -> Message:
        if refused:
            raise _too_large(most)
        message = await receive()
        state["bytes_in"] += len(message.get("body", b""))
        if state["bytes_in"] > most:
            raise _too_large(most)
        return message

    return receive_within_limit


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"The request body is larger than the {most} bytes that are accepted.")
