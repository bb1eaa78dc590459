"""What a worker's parts know of themselves, as samples of metrics."""

import resource
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from os import environ, sysconf
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.figures import (
    CacheFigures,
    GateFigures,
    PoolFigures,
    Sample,
    SweepFigures,
    Timings,
    TurnFigures,
)
from domain.gate import known_verdicts
from domain.ports import KeyRing
from domain.quota_ports import QuotaLimits
from repository.directory import CachedDirectory
from repository.engine import pool_figures
from repository.error_figures import DENIALS, ERRORS
from repository.installation import PostgresInstallation
from repository.key_ring import CachedKeyRing
from repository.limits import CachedLimits
from repository.migrations import known_revisions
from repository.operation_queue import OperationQueue
from repository.own_session import OwnSession
from repository.tenant_connections import TenantConnections
from service.gate_process import GateProcess
from service.logs import TOLD
from service.repeating import repeating
from service.settings import Settings
from service.tally import RequestTally
from service.telemetry.metrics import Metrics
from service.telemetry.scraping import Scraping
from service.telemetry.sharing import FOLDER, WRITTEN_EVERY, SharedMetrics
from service.turns import DatabaseTurns
from service.version import VERSION

_PAGE = sysconf("SC_PAGESIZE")
_MEMORY = Path("/proc/self/statm")


class Measured:
    """``metrics``: of this worker. Each of the others is told of one part, when that is there.

    What is kept beside the metrics is for get_health.
    """

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.sweeps = SweepFigures()
        self.pools: dict[str, Callable[[], PoolFigures]] = {}
        self.turns: dict[str, Callable[[], TurnFigures]] = {}
        self.is_listening: Callable[[], bool] = lambda: False
        self.is_taking: Callable[[], bool] = lambda: False
        self.metrics.ask(_process)
        self.metrics.ask(_errors)
        self.metrics.ask(partial(_sweeps, self.sweeps))
        self._cache("verdicts", known_verdicts)

    def requests(self, tally: RequestTally) -> None:
        self.metrics.ask(partial(_requests, tally))

    def engine(self, name: str, engine: AsyncEngine) -> None:
        self.metrics.ask(lambda: _pool(name, pool_figures(engine)))
        self.pools[name] = partial(pool_figures, engine)

    def statements(
        self,
        connections: TenantConnections,
        gate: GateProcess,
        turns: DatabaseTurns,
        turns_to_be_judged: DatabaseTurns,
    ) -> None:
        self.metrics.ask(lambda: _pool("tenants", connections.figures))
        self.metrics.ask(lambda: _turns("statements", turns.figures))
        self.metrics.ask(lambda: _turns("judging", turns_to_be_judged.figures))
        self.pools["tenants"] = lambda: connections.figures
        self.turns["statements"] = lambda: turns.figures
        self.turns["judging"] = lambda: turns_to_be_judged.figures
        self.metrics.ask(partial(_gate, gate.figures))
        self._cache("statements", lambda: connections.statements)

    def caches(self, directory: CachedDirectory, key_ring: KeyRing, limits: QuotaLimits) -> None:
        self._cache("directory", lambda: directory.figures)
        if isinstance(key_ring, CachedKeyRing):
            self._cache("keys", lambda: key_ring.figures)
        if isinstance(limits, CachedLimits):
            self._cache("limits", lambda: limits.figures)

    def session(self, session: OwnSession) -> None:
        self.metrics.ask(partial(_session, session))
        self.is_listening = lambda: session.is_open

    def queue(self, queue: OperationQueue) -> None:
        self.metrics.ask(partial(_queue, queue))
        self.is_taking = lambda: queue.is_taking

    def _cache(self, name: str, figures: Callable[[], CacheFigures]) -> None:
        self.metrics.ask(lambda: _of_cache(name, figures()))


@asynccontextmanager
async def scraping(
    measured: Measured, settings: Settings, direct_url: str
) -> AsyncIterator[Scraping]:
    """Of this worker, and of the others where ``serve`` has started several."""
    installation = PostgresInstallation(direct_url, known_revisions())
    token = settings.metrics_token
    folder = environ.get(FOLDER)
    async with AsyncExitStack() as opened:
        shared = None if folder is None else SharedMetrics.opened(measured.metrics, Path(folder))
        if shared is not None:
            opened.callback(shared.close)
            keeping = repeating(shared.keep_written, WRITTEN_EVERY, "metrics")
            await opened.enter_async_context(keeping)
        yield Scraping(
            measured.metrics,
            shared,
            installation,
            is_on=settings.metrics,
            token=None if token is None else token.get_secret_value().strip().encode(),
        )


def _process() -> Iterator[Sample]:
    yield Sample("twinbase_workers", (), 1)
    yield Sample("twinbase_build_info", (VERSION,), 1)
    yield Sample("twinbase_workers_started_total", (), 1)
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield Sample("twinbase_cpu_seconds_total", (), used.ru_utime + used.ru_stime)
    if _MEMORY.exists():
        pages = int(_MEMORY.read_text().split()[1])
        yield Sample("twinbase_resident_memory_bytes", (), pages * _PAGE)


def _errors() -> Iterator[Sample]:
    for error, number in ERRORS.items():
        yield Sample("twinbase_postgresql_errors_total", error, number)
    for denial, number in DENIALS.items():
        yield Sample("twinbase_denials_total", denial, number)
    for event, number in TOLD.items():
        yield Sample("twinbase_log_events_total", event, number)


def _requests(tally: RequestTally) -> Iterator[Sample]:
    yield Sample("twinbase_requests_unwritten", (), tally.unwritten)
    yield Sample("twinbase_workers_writing_statistics", (), float(tally.was_written))
    for verb, number in tally.in_flight.items():
        yield Sample("twinbase_requests_in_flight", (verb,), number)
    for (verb, code), counted in tally.ended().items():
        yield Sample("twinbase_requests_total", (verb, f"{code:d}"), counted.requests)
        timings = Timings(counted.seconds, counted.histogram)
        yield Sample("twinbase_request_seconds", (verb,), timings)
        for direction, rows, in_bytes in (
            ("in", counted.rows_in, counted.bytes_in),
            ("out", counted.rows_out, counted.bytes_out),
        ):
            yield Sample("twinbase_rows_total", (direction,), rows)
            yield Sample("twinbase_body_bytes_total", (direction,), in_bytes)


def _turns(name: str, figures: TurnFigures) -> Iterator[Sample]:
    yield Sample("twinbase_turns_max", (name,), figures.most)
    yield Sample("twinbase_turns_taken", (name,), figures.taken)
    yield Sample("twinbase_turns_waiting", (name,), figures.waiting)
    yield Sample("twinbase_turn_wait_seconds", (name,), figures.wait)
    for bound, number in figures.refused.items():
        yield Sample("twinbase_turns_refused_total", (name, bound), number)


def _pool(name: str, figures: PoolFigures) -> Iterator[Sample]:
    yield Sample("twinbase_pool_connections_max", (name,), figures.most)
    yield Sample("twinbase_pool_connections", (name, "in_use"), figures.in_use)
    yield Sample("twinbase_pool_connections", (name, "idle"), figures.idle)
    yield Sample("twinbase_pool_waiting", (name,), figures.waiting)
    yield Sample("twinbase_pool_wait_seconds", (name,), figures.wait)
    yield Sample("twinbase_pool_opened_total", (name,), figures.opened)
    for reason, number in figures.refused.items():
        yield Sample("twinbase_pool_refusals_total", (name, reason), number)


def _of_cache(name: str, figures: CacheFigures) -> Iterator[Sample]:
    yield Sample("twinbase_cache_lookups_total", (name, "hit"), figures.hits)
    yield Sample("twinbase_cache_lookups_total", (name, "miss"), figures.misses)
    yield Sample("twinbase_cache_entries", (name,), figures.entries)


def _gate(figures: GateFigures) -> Iterator[Sample]:
    for verdict, number in figures.verdicts.items():
        yield Sample("twinbase_gate_verdicts_total", verdict, number)
    yield Sample("twinbase_gate_elsewhere_seconds", (), figures.elsewhere)
    yield Sample("twinbase_gate_given_up_total", (), figures.given_up)


def _sweeps(figures: SweepFigures) -> Iterator[Sample]:
    for sweep, number in figures.done.items():
        yield Sample("twinbase_swept_total", (sweep,), number)
    for sweep, number in figures.failed.items():
        yield Sample("twinbase_sweeps_failed_total", (sweep,), number)
    for kind, number in figures.found.items():
        yield Sample("twinbase_findings", (kind,), number)


def _session(session: OwnSession) -> Iterable[Sample]:
    yield Sample("twinbase_workers_listening", (), float(session.is_open))
    yield Sample("twinbase_listening_sessions_total", (), session.number)


def _queue(queue: OperationQueue) -> Iterable[Sample]:
    yield Sample("twinbase_workers_taking_operations", (), float(queue.is_taking))
