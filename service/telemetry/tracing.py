"""Spans of requests, statements, operations and their steps, in OpenTelemetry's own words.

Never in a span: SQL, parameters, rows, uid, names that a tenant chose, texts of exceptions.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Token
from time import time_ns

from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
    TraceState,
    format_span_id,
    format_trace_id,
    set_span_in_context,
)

from domain.identifiers import Identifier
from domain.observation import ObservedStatement, ObservedStep
from domain.operation import Operation
from domain.schema import whose
from domain.trace_context import TRACE, TraceContext

Attributes = dict[str, str | int]

_SERVERS_FAULT = 500  # HTTP's, from here on; whatever is below it is the caller's


class Tracing:
    """There is one where an endpoint is set, and none otherwise."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def begin_request(
        self, name: str, parent: TraceContext | None, attributes: Attributes
    ) -> "RequestSpan":
        """What is done until its end is a part of it."""
        span = self._tracer.start_span(
            name, _beneath(parent), kind=SpanKind.SERVER, attributes=attributes
        )
        return RequestSpan(span)

    def of_statement(self, seen: ObservedStatement) -> None:
        """An observer. A client of PostgreSQL's: whatever that refuses is an error."""
        span = self._ended_now(seen.kind, SpanKind.CLIENT, seen.seconds)
        if span.is_recording():
            span.set_attributes(_attributes_of_statement(seen))
            if seen.error is not None:
                sqlstate = seen.sqlstate
                if sqlstate is not None:
                    span.set_attribute("db.response.status_code", sqlstate)
                _fail(span, sqlstate or type(seen.error).__name__)
        span.end()

    def of_step(self, seen: ObservedStep) -> None:
        """An observer."""
        span = self._ended_now(seen.name, SpanKind.INTERNAL, seen.seconds)
        if seen.schema is not None:
            span.set_attributes(_place(seen.schema))
        if seen.error is not None:
            _fail(span, type(seen.error).__name__)
        span.end()

    def _ended_now(self, name: str, kind: SpanKind, seconds: float) -> Span:
        started = time_ns() - int(seconds * 1e9)
        return self._tracer.start_span(name, kind=kind, start_time=started)

    @contextmanager
    def attempt(self, operation: Operation) -> Iterator[Callable[[Exception], None]]:
        """In the trace of the request that began it, whichever worker runs it, and when."""
        span = self._tracer.start_span(
            operation.kind,
            _beneath(operation.begun_in),
            kind=SpanKind.CONSUMER,
            attributes={
                "twinbase.sid": operation.sid,
                "twinbase.operation_id": operation.id,
                "twinbase.database_id": operation.database_id,
                "twinbase.attempt": operation.attempt,
            },
        )
        within = _Within(span)
        try:
            yield lambda error: _fail(span, type(error).__name__)
        except BaseException as error:
            _fail(span, type(error).__name__)
            raise
        finally:
            within.leave()
            span.end()


class RequestSpan:
    __slots__ = ("_span", "_within", "context")

    def __init__(self, span: Span) -> None:
        self._span = span
        self._within = _Within(span)
        self.context = self._within.context

    def end(self, status: int, attributes: Mapping[str, str | int]) -> None:
        """``status``: HTTP's; 0: nothing was answered."""
        span = self._span
        if span.is_recording():
            span.set_attributes(attributes)
            if status:
                span.set_attribute("http.response.status_code", status)
            if status >= _SERVERS_FAULT:
                _fail(span, str(status))
        self._within.leave()
        span.end()


class _Within:
    """What this task does, and the tasks that it begins, is a part of the span."""

    __slots__ = ("_of_spans", "_of_trace", "context")

    def __init__(self, span: Span) -> None:
        self.context = _told_by(span.get_span_context())
        self._of_spans = attach(set_span_in_context(span))
        self._of_trace: Token[TraceContext | None] = TRACE.set(self.context)

    def leave(self) -> None:
        TRACE.reset(self._of_trace)
        detach(self._of_spans)


def _told_by(span: SpanContext) -> TraceContext:
    return TraceContext(
        format_trace_id(span.trace_id),
        format_span_id(span.span_id),
        span.trace_flags,
        span.trace_state.to_header(),
    )


def _beneath(parent: TraceContext | None) -> Context:
    """Of a span that is another process's; None: it begins a trace."""
    if parent is None:
        return Context()
    context = SpanContext(
        int(parent.trace_id, 16),
        int(parent.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(parent.flags),
        trace_state=TraceState.from_header([parent.state]),
    )
    return set_span_in_context(NonRecordingSpan(context), Context())


def _attributes_of_statement(seen: ObservedStatement) -> Attributes:
    attributes = _place(seen.schema) | {
        "db.system.name": "postgresql",
        "db.operation.name": seen.kind,
    }
    if seen.number is not None:
        attributes["twinbase.statement"] = seen.number
    if seen.rows is not None:
        attributes["twinbase.rows"] = seen.rows
    return attributes


def _place(schema: Identifier) -> Attributes:
    environment, database_id = whose(schema)
    return {"twinbase.database_id": database_id, "twinbase.env": environment}


def _fail(span: Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)
