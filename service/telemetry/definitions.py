"""Every metric there is; ``docs/metrics.md`` is made from this. No label grows with tenants."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_FROM_A_MILLISECOND = (-10, -9, -8, -7, -6, -4, -2, 0, 2, 4, 6)
_FROM_AN_EIGHTH = (-13, -11, -10, -9, -8, -7, -6, -4, -2, 0, 2, 4, 6)


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Definition:
    """``title``: the part of the page that it is told in.

    ``bounds``: of a histogram's buckets, as powers of two of a second, so that they are bounds of
    ``domain.histogram``'s, too. ``is_largest``: of all workers' values, instead of their sum.
    """

    name: str
    kind: Kind
    title: str
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[int, ...] = ()
    is_largest: bool = False


def _counter(title: str, name: str, text: str, *labels: str) -> Definition:
    return Definition(f"twinbase_{name}_total", Kind.COUNTER, title, text, labels)


def _gauge(title: str, name: str, text: str, *labels: str, is_largest: bool = False) -> Definition:
    name = f"twinbase_{name}"
    return Definition(name, Kind.GAUGE, title, text, labels, is_largest=is_largest)


def _histogram(
    title: str,
    name: str,
    text: str,
    *labels: str,
    bounds: tuple[int, ...] = _FROM_AN_EIGHTH,
) -> Definition:
    name = f"twinbase_{name}_seconds"
    return Definition(name, Kind.HISTOGRAM, title, text, labels, bounds=bounds)


REQUESTS = "Requests"
TURNS = "Turns"
POOLS = "Connections"
POSTGRESQL = "PostgreSQL"
GATE = "The gate"
CACHES = "Caches"
WORKERS = "Workers"
INSTALLATION = "The installation"

_ALL = (
    _counter(
        REQUESTS,
        "requests",
        "Requests that were answered, by verb and by the answer's code; 0 is success.",
        "verb",
        "code",
    ),
    _histogram(
        REQUESTS,
        "request",
        "Time from a request's headers to the end of its answer.",
        "verb",
        bounds=_FROM_A_MILLISECOND,
    ),
    _gauge(REQUESTS, "requests_in_flight", "Requests that are being served.", "verb"),
    _counter(
        REQUESTS,
        "body_bytes",
        "Bytes of requests' bodies (in) and of answers' (out).",
        "direction",
    ),
    _counter(
        REQUESTS, "rows", "Rows that exec_dml changed (in) and that it answered (out).", "direction"
    ),
    _counter(
        REQUESTS,
        "quota_refusals",
        "Requests that a quota refused, by what it is a quota of and whose it is.",
        "resource",
        "of",
    ),
    _gauge(
        REQUESTS,
        "requests_unwritten",
        "Requests that get_statistics does not know of yet; it grows while PostgreSQL is away.",
    ),
    _gauge(TURNS, "turns_max", "Turns that there are.", "turns"),
    _gauge(TURNS, "turns_taken", "Turns that requests have now.", "turns"),
    _gauge(TURNS, "turns_waiting", "Requests that wait for a turn.", "turns"),
    _histogram(TURNS, "turn_wait", "Time until a request that got a turn had it.", "turns"),
    _counter(
        TURNS,
        "turns_refused",
        "Requests that waited too long for a turn, by the bound that kept them waiting: of their"
        " database, of its owner, or of all.",
        "turns",
        "bound",
    ),
    _gauge(POOLS, "pool_connections_max", "Connections that a pool may have.", "pool"),
    _gauge(
        POOLS,
        "pool_connections",
        "Connections that a pool has, in use or idle.",
        "pool",
        "state",
    ),
    _gauge(POOLS, "pool_waiting", "Who waits for a connection of a pool.", "pool"),
    _histogram(POOLS, "pool_wait", "Time until whoever got a connection had it.", "pool"),
    _counter(
        POOLS,
        "pool_refusals",
        "How often there was no connection: none was given back in time (none_free), or PostgreSQL"
        " gave none (unreachable).",
        "pool",
        "reason",
    ),
    _counter(POOLS, "pool_opened", "Connections that were opened for a pool.", "pool"),
    _histogram(
        POSTGRESQL, "statement", "Time of one statement of a tenant's, by its kind.", "kind"
    ),
    _histogram(
        POSTGRESQL,
        "transaction",
        "Time of one transaction, from its connection to its end, by what it is for.",
        "kind",
    ),
    _counter(
        POSTGRESQL,
        "postgresql_errors",
        "Errors that PostgreSQL answered, by SQLSTATE and by whose statement it was.",
        "sqlstate",
        "whose",
    ),
    _counter(
        POSTGRESQL,
        "denials",
        "Errors of SQLSTATE 42501, by what denied it (row_security or privilege) and by whose"
        " statement it was.",
        "denied_by",
        "whose",
    ),
    _counter(
        GATE,
        "gate_verdicts",
        "SQL that was judged, by language, by where (here, caches included, or in the other"
        " process) and by verdict: admitted, or the code of the refusal.",
        "language",
        "where",
        "verdict",
    ),
    _histogram(
        GATE, "gate_elsewhere", "Time of long SQL in the other process, with its start if need be."
    ),
    _counter(
        GATE,
        "gate_given_up",
        "Long SQL that the other process did not judge in time, or died of.",
    ),
    _counter(
        CACHES,
        "cache_lookups",
        "How often a cache was asked, and whether it knew (hit) or not (miss).",
        "cache",
        "result",
    ),
    _gauge(CACHES, "cache_entries", "What a cache holds.", "cache"),
    _gauge(WORKERS, "workers", "Worker processes that serve."),
    _gauge(WORKERS, "build_info", "Workers, by the release that they are of.", "version"),
    _counter(
        WORKERS,
        "workers_started",
        "Worker processes that were started, those that took another's place included.",
    ),
    _gauge(
        WORKERS,
        "workers_listening",
        "Workers that hear what others change; who does not remembers nothing.",
    ),
    _gauge(
        WORKERS,
        "workers_writing_statistics",
        "Workers whose last counts of requests PostgreSQL has taken.",
    ),
    _gauge(WORKERS, "workers_taking_operations", "Workers that take operations from the queue."),
    _counter(
        WORKERS,
        "listening_sessions",
        "Sessions that workers began to listen with; more than workers: some were lost.",
    ),
    _gauge(WORKERS, "resident_memory_bytes", "Memory of all workers."),
    _counter(WORKERS, "cpu_seconds", "Processor time of all workers, without the gate's."),
    _counter(
        WORKERS,
        "log_events",
        "Events of the log from warning on, by level and name: what went wrong beside requests.",
        "level",
        "event",
    ),
    _counter(
        WORKERS, "swept", "What the sweeping in the background has brought to an end.", "sweep"
    ),
    _counter(WORKERS, "sweeps_failed", "Sweeps that came to no end.", "sweep"),
    _gauge(
        WORKERS,
        "findings",
        "What is inconsistent and is not mended by the service, by kind, as `doctor` tells it.",
        "kind",
        is_largest=True,
    ),
    _gauge(
        INSTALLATION,
        "database_up",
        "1 where PostgreSQL let the service in and answered, just now, on a new connection.",
    ),
    _gauge(
        INSTALLATION,
        "installation_read",
        "1 where the figures below could be read; else they are left out.",
    ),
    _gauge(INSTALLATION, "installation_read_seconds", "Time that reading them took."),
    _gauge(
        INSTALLATION,
        "migration_state",
        "1 of the state that schema twinbase is in: current, or else behind, unknown (newer than"
        " this service) or absent.",
        "state",
    ),
    _gauge(INSTALLATION, "databases", "Databases, by status.", "status"),
    _gauge(
        INSTALLATION,
        "databases_bytes",
        "Bytes of all databases as they were last measured, by the service and not for this.",
    ),
    _gauge(INSTALLATION, "databases_unmeasured", "Databases that were never measured."),
    _gauge(
        INSTALLATION,
        "operations",
        "Operations by kind and status: those that are unfinished, and those that ended in the"
        " last hour.",
        "kind",
        "status",
    ),
    _gauge(
        INSTALLATION,
        "oldest_operation_seconds",
        "How long ago the oldest unfinished operation was begun; 0 without any.",
    ),
    _gauge(
        INSTALLATION, "queue_jobs", "Jobs in the queue: waiting, or taken by a worker.", "state"
    ),
    _gauge(
        INSTALLATION,
        "queue_oldest_seconds",
        "How long ago the oldest waiting job was put into the queue; 0 without any.",
    ),
    _gauge(INSTALLATION, "server_connections", "Sessions of PostgreSQL's server, of whomever."),
    _gauge(INSTALLATION, "server_connections_max", "Sessions that it takes (max_connections)."),
    _gauge(
        INSTALLATION,
        "server_lock_waiters",
        "Sessions of the service that wait for a lock.",
    ),
    _gauge(
        INSTALLATION,
        "server_oldest_transaction_seconds",
        "How long the oldest transaction of the service's has been open; 0 without any.",
    ),
)

DEFINITIONS: Mapping[str, Definition] = {each.name: each for each in _ALL}
