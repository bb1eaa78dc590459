"""Who is told of tenants' statements, of their transactions and of operations' steps."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import NamedTuple

from domain.observation import ObservedStatement, ObservedStep, ObservedTransaction, Observers
from domain.operation import Operation
from domain.trace_context import TRACE
from service.logs import OPERATION_ID, SID
from service.settings import Settings
from service.telemetry.metrics import Metrics
from service.telemetry.otlp import tracing
from service.telemetry.slow_statements import SlowStatements
from service.telemetry.tracing import Tracing


class Observing(NamedTuple):
    """``tracing`` None: nobody is to be told of spans."""

    observers: Observers
    tracing: Tracing | None

    @contextmanager
    def attempt(self, operation: Operation) -> Iterator[Callable[[Exception], None]]:
        """Around one of an operation's; told what it has failed with."""
        operation_id, sid = OPERATION_ID.set(operation.id), SID.set(operation.sid)
        trace = TRACE.set(operation.begun_in)
        traced = nullcontext(_ignore) if self.tracing is None else self.tracing.attempt(operation)
        try:
            with traced as tell:
                yield tell
        finally:
            TRACE.reset(trace)
            SID.reset(sid)
            OPERATION_ID.reset(operation_id)


@asynccontextmanager
async def observing(settings: Settings, metrics: Metrics) -> AsyncIterator[Observing]:
    async with tracing(settings.otlp_endpoint) as traces:
        yield Observing(_observers(settings, metrics, traces), traces)


def _observers(settings: Settings, metrics: Metrics, traces: Tracing | None) -> Observers:
    """All there are: a new one gets its line here, and nowhere else."""
    of_statements: list[Callable[[ObservedStatement], None]] = [metrics.statement]
    of_transactions: list[Callable[[ObservedTransaction], None]] = [metrics.transaction]
    of_steps: list[Callable[[ObservedStep], None]] = []
    if settings.slow_statement_ms:
        of_statements.append(SlowStatements(settings.slow_statement_ms))
    if traces is not None:
        of_statements.append(traces.of_statement)
        of_steps.append(traces.of_step)
    return Observers(tuple(of_statements), tuple(of_transactions), tuple(of_steps))


def _ignore(_error: Exception) -> None:
    """Nobody is to be told."""
