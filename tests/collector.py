"""A collector of traces on loopback: takes OTLP over HTTP, as a real one does, and remembers it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class Told:
    """A span as it arrived."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent: str
    state: str
    failed: bool
    attributes: dict[str, Any]
    seconds: float
    said: str
    """What the span says beside: of its status, events, links."""

    @classmethod
    def of(cls, span: Span) -> "Told":
        return cls(
            name=span.name,
            kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent=span.parent_span_id.hex(),
            state=span.trace_state,
            failed=span.status.code == span.status.STATUS_CODE_ERROR,
            attributes=_values_of(span.attributes),
            seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
            said=f"{span.status.message}{list(span.events)}{list(span.links)}",
        )


def _values_of(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in attributes
    }


@dataclass
class Collector:
    endpoint: str = ""
    sent: bytes = b""
    spans: list[Told] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        self.sent += body
        for of_one in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources.append(_values_of(of_one.resource.attributes))
            for scope in of_one.scope_spans:
                self.spans += map(Told.of, scope.spans)

    def named(self, name: str) -> list[Told]:
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> Told:
        (span,) = self.named(name)
        return span


@contextmanager
def collecting(port: int = 0) -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.headers.append({"path": self.path, **self.headers})
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            """Nothing: what the service logs is looked at."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        collector.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
