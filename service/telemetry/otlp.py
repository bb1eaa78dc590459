"""Where spans go: by OTLP to a collector, where one is named. Only then the SDK is loaded."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

from service.telemetry.tracing import Tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

# The standard's own variables, which the SDK reads.
_SWITCHES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PATH = "/v1/traces"
_LONGEST_FLUSH = 3.0  # seconds, at the end


@asynccontextmanager
async def tracing(endpoint: str | None) -> AsyncIterator[Tracing | None]:
    """``endpoint``: a collector's, without the path of traces. None: nobody is to be told."""
    if endpoint is None and not any(os.environ.get(name) for name in _SWITCHES):
        yield None
        return
    from service.telemetry.sdk import provider_of  # noqa: PLC0415 - not needed by most

    provider = provider_of(None if endpoint is None else endpoint.rstrip("/") + _PATH)
    try:
        yield Tracing(provider.get_tracer("twinbase"))
    finally:
        await _shut_down(provider)


async def _shut_down(provider: "TracerProvider") -> None:
    """Sends what is left, unless that takes too long: the thread ends with the process then."""
    loop = asyncio.get_running_loop()
    is_done = asyncio.Event()

    def shut_down() -> None:
        provider.shutdown()
        with suppress(RuntimeError):  # the loop has been closed meanwhile
            loop.call_soon_threadsafe(is_done.set)

    Thread(target=shut_down, name="last spans", daemon=True).start()
    with suppress(TimeoutError):
        await asyncio.wait_for(is_done.wait(), _LONGEST_FLUSH)
