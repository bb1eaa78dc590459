"""The trace that a request belongs to: its caller's, or one that begins here."""

from contextvars import Token

from starlette.types import Scope

from api.headers import header
from api.router import VERBS
from domain.trace_context import TRACE, TraceContext
from service.telemetry.tracing import Attributes, RequestSpan, Tracing

_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})


class RequestTrace:
    """``headers``: what the answer tells of it, where there is a span."""

    __slots__ = ("_scope", "_span", "_token", "headers")

    def __init__(
        self, scope: Scope, span: RequestSpan | None, token: Token[TraceContext | None] | None
    ) -> None:
        self._scope = scope
        self._span = span
        self._token = token
        self.headers: tuple[tuple[bytes, bytes], ...] = ()
        if span is not None:
            self.headers = ((b"traceresponse", span.context.traceparent.encode()),)

    def end(self, status: int) -> None:
        if self._token is not None:
            TRACE.reset(self._token)
        if self._span is not None:
            self._span.end(status, _known_at_the_end(self._scope))


def begin(scope: Scope) -> RequestTrace | None:
    """None: nobody is to be told of it, and its caller has told of none."""
    tracing: Tracing | None = scope["state"].get("tracing")
    sent = header(scope, b"traceparent")
    if sent is None and tracing is None:
        return None
    parent = None if sent is None else _sent(scope, sent)
    if tracing is None:
        return RequestTrace(scope, None, TRACE.set(parent))
    name, attributes = _known_at_the_beginning(scope)
    return RequestTrace(scope, tracing.begin_request(name, parent, attributes), None)


def _sent(scope: Scope, traceparent: bytes) -> TraceContext | None:
    state = b",".join(value for name, value in scope["headers"] if name == b"tracestate")
    return TraceContext.read(traceparent.decode("latin-1"), state.decode("latin-1"))


def _known_at_the_beginning(scope: Scope) -> tuple[str, Attributes]:
    """Samplers see these. A path that is no verb's is not told: anything may be in it."""
    method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
    attributes: Attributes = {
        "http.request.method": method,
        "url.scheme": scope["scheme"],
        "twinbase.sid": scope["state"]["sid"],
    }
    path = scope["path"]
    if path not in VERBS:
        return method, attributes
    return path.rpartition("/")[2], attributes | {"http.route": path, "url.path": path}


def _known_at_the_end(scope: Scope) -> Attributes:
    state = scope["state"]
    attributes: Attributes = {"twinbase.code": int(state["code"])}
    database_id = state.get("database_id")
    if database_id is not None:
        attributes["twinbase.database_id"] = database_id
    return attributes
