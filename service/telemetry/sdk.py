"""OpenTelemetry's SDK, put together: batches of spans, sent by a thread of their own.

Its standard variables hold (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER,
OTEL_EXPORTER_OTLP_HEADERS, OTEL_BSP_…).
"""

import logging
from collections.abc import Sequence

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from service.version import VERSION

_LOG = structlog.get_logger()

# These two say again and again that a collector is away.
_EXPORTERS_LOG = logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter")
_QUEUES_LOG = logging.getLogger("opentelemetry.sdk._shared_internal")


def provider_of(endpoint: str | None) -> TracerProvider:
    """``endpoint``: the whole URL; None: the standard's variables name it."""
    named = OTELResourceDetector().detect()
    provider = TracerProvider(
        resource=Resource.create({"service.name": "twinbase", "service.version": VERSION}).merge(
            named
        ),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(_Told(OTLPSpanExporter(endpoint))))
    return provider


class _Told(SpanExporter):
    """Says once that spans are not taken, and once that they are again.

    What cannot be sent is lost, and nobody waits for it.
    """

    def __init__(self, exporter: OTLPSpanExporter) -> None:
        self._exporter = exporter
        self._is_away = False
        self._why = ""
        _EXPORTERS_LOG.addFilter(self._remember)
        _QUEUES_LOG.addFilter(self._may_be_told)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        failed = result is not SpanExportResult.SUCCESS
        if failed and not self._is_away:
            _LOG.warning("traces_not_sent", why=self._why)
        if self._is_away and not failed:
            _LOG.info("traces_sent_again")
        self._is_away = failed
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # OpenTelemetry's own
        _EXPORTERS_LOG.removeFilter(self._remember)
        _QUEUES_LOG.removeFilter(self._may_be_told)

    def _remember(self, record: logging.LogRecord) -> bool:
        """What it says is told by us, and not with each attempt."""
        told = [each for each in record.args or () if isinstance(each, Exception | int)]
        if told:
            self._why = " ".join(map(_named, told))
        return False

    def _may_be_told(self, _record: logging.LogRecord) -> bool:
        return not self._is_away


def _named(told: object) -> str:
    """A status, or an error, whose text is long and names the endpoint only."""
    return type(told).__name__ if isinstance(told, Exception) else str(told)
