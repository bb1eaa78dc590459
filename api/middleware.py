"""Around every request: its sid, its line in the log, its count, an answer when all else failed."""

import re
from asyncio import CancelledError
from time import perf_counter

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.body_limit import limited
from api.error_handlers import render
from api.headers import header
from api.router import METRICS, VERBS
from api.tracing import RequestTrace, begin
from domain.sid import new_sid
from domain.statistics import NO_PLATFORM, UNKNOWN_VERB
from exceptions.codes import ErrorCode
from exceptions.errors import ServerError, ServiceUnavailable
from service.logs import SID, log_of_requests

_LOG = structlog.get_logger("twinbase.requests")

_STOPPING = ServiceUnavailable(
    "The service is stopping; whether anything of this request was kept is not known."
)
# A caller who may want to cancel a request must know its sid before the answer. Short enough to
# name a session of PostgreSQL together with the database.
_CALLERS_SID = re.compile(rb"[A-Za-z0-9._-]{8,40}")

_QUIET = frozenset({"/healthz", "/readyz", METRICS})
_LABELS = {path: path.rpartition("/")[2] for path in VERBS}


class RequestBoundary:
    """The only place that logs a request: verb, code, milliseconds, sid; no SQL, values or uid.

    And the only one that counts it, for ``get_statistics``.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._log_request = log_of_requests()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        sid = _sid_of(scope)
        scope.setdefault("state", {}).update(sid=sid, code=ErrorCode.SUCCESS)
        status = bytes_out = 0
        trace = _begun(scope)
        added = [(b"x-request-id", sid.encode()), *(trace.headers if trace else ())]

        async def send_with_sid(message: Message) -> None:
            nonlocal status, bytes_out
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *added]
            else:
                bytes_out += len(message.get("body", b""))
            await send(message)

        logged_as = SID.set(sid)
        try:
            await self._serve(scope, limited(scope, receive, self._max_body_bytes), send_with_sid)
        except (Exception, CancelledError) as error:
            if status and isinstance(error, CancelledError):
                raise
            answer = _answer_to(error, scope)
            if status:
                raise  # half an answer is out; closing the connection says so
            # Answered, a cancelled task has nothing left to do: raising would only make the
            # server log an exception.
            await answer(scope, receive, send_with_sid)
        finally:
            seconds = perf_counter() - started
            self._log(scope, status, seconds)
            _count(scope, seconds, bytes_out)
            if trace is not None:
                trace.end(status)
            SID.reset(logged_as)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A verb at once; whatever else is asked, by the application's routes."""
        verb = VERBS.get(scope["path"])
        if verb is None or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope["endpoint"] = verb
        answer = await verb(Request(scope, receive, send))
        await answer(scope, receive, send)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        verb = scope["path"].rpartition("/")[2] if "endpoint" in scope else "unknown"
        log = _LOG.debug if scope["path"] in _QUIET else self._log_request
        log(
            "request",
            verb=verb,
            code=int(scope["state"]["code"]),
            status=status,
            ms=round(seconds * 1000, 2),
        )


def _answer_to(error: BaseException, scope: Scope) -> Response:
    """What nobody else has caught: a fault of ours, or the service stops."""
    if isinstance(error, CancelledError):
        return render(Request(scope), _STOPPING)
    _LOG.exception("request_failed")
    return render(Request(scope), ServerError())


def _begun(scope: Scope) -> RequestTrace | None:
    """None: nobody follows it."""
    if scope["path"] in _QUIET:
        return None
    scope["state"]["tally"].begin(_label(scope))
    return begin(scope)


def _label(scope: Scope) -> str:
    """Of a path that is no verb's, only that it is none: there are infinitely many."""
    return _LABELS.get(scope["path"], UNKNOWN_VERB)


def _count(scope: Scope, seconds: float, bytes_out: int) -> None:
    if scope["path"] in _QUIET:
        return
    state, verb = scope["state"], _label(scope)
    state["tally"].end(verb)
    identity = state.get("identity")
    platform_id = NO_PLATFORM if identity is None else identity.platform_id
    state["tally"].count(
        (platform_id, verb, int(state["code"])),
        seconds,
        rows_in=state.get("rows_in", 0),
        rows_out=state.get("rows_out", 0),
        bytes_in=state["bytes_in"],
        bytes_out=bytes_out,
    )


def _sid_of(scope: Scope) -> str:
    """The caller's own X-Request-Id where it is one, else a new one."""
    given = header(scope, b"x-request-id")
    if given is not None and _CALLERS_SID.fullmatch(given):
        return given.decode()
    return new_sid()
