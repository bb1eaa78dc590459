"""The dashboard's rows of panels, each with its queries."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Panel:
    """``queries`` by the legend of what they answer; ``{it}`` in them: the instances shown."""

    title: str
    what: str
    queries: Mapping[str, str]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8


def _stat(title: str, what: str, query: str, unit: str = "short") -> Panel:
    return Panel(title, what, {title: query}, unit, kind="stat", width=4)


def _quantiles(metric: str, by: str, *quantiles: float) -> dict[str, str]:
    return {
        f"p{quantile * 100:g} {{{{{by}}}}}": (
            f"histogram_quantile({quantile:g}, sum by ({by}, le)"
            f" (rate({metric}_bucket{{it}}[$__rate_interval])))"
        )
        for quantile in quantiles
    }


def _rate(metric: str, *by: str) -> dict[str, str]:
    legend = " ".join(f"{{{{{label}}}}}" for label in by)
    return {legend: f"sum by ({', '.join(by)}) (rate({metric}{{it}}[$__rate_interval]))"}


def _sum(metric: str, *by: str) -> dict[str, str]:
    legend = " ".join(f"{{{{{label}}}}}" for label in by)
    return {legend: f"sum by ({', '.join(by)}) ({metric}{{it}})"}


def _hits(cache_label: str = "cache") -> str:
    lookups = "rate(twinbase_cache_lookups_total{it}[$__rate_interval])"
    hits = lookups.replace("{it}", '{it,result="hit"}')
    return f"sum by ({cache_label}) ({hits}) / sum by ({cache_label}) ({lookups})"


ROWS: Mapping[str, tuple[Panel, ...]] = {
    "At a glance": (
        _stat("PostgreSQL", "1: it answers.", "min(twinbase_database_up{it})"),
        _stat(
            "Migrated",
            "1: schema twinbase is as this service needs it.",
            'min(twinbase_migration_state{it,state="current"})',
        ),
        _stat("Workers", "That serve.", "sum(twinbase_workers{it})"),
        _stat(
            "Succeeding",
            "Requests that were answered with code 0.",
            'sum(rate(twinbase_requests_total{it,code="0"}[$__rate_interval]))'
            " / sum(rate(twinbase_requests_total{it}[$__rate_interval]))",
            "percentunit",
        ),
        _stat("In flight", "Requests now.", "sum(twinbase_requests_in_flight{it})"),
        _stat("Databases", "That are ready.", 'max(twinbase_databases{it,status="ready"})'),
    ),
    "Requests": (
        Panel("Requests", "By verb.", _rate("twinbase_requests_total", "verb"), "reqps"),
        Panel(
            "Refused and failed",
            "By code: docs/errors.md says what each means.",
            {
                "{{code}} {{verb}}": "sum by (code, verb)"
                ' (rate(twinbase_requests_total{it,code!="0"}[$__rate_interval]))'
            },
            "reqps",
        ),
        Panel(
            "Time of requests",
            "From the headers to the end of the answer.",
            _quantiles("twinbase_request_seconds", "verb", 0.5, 0.99),
            "s",
        ),
        Panel(
            "In flight",
            "Requests that are being served.",
            _sum("twinbase_requests_in_flight", "verb"),
        ),
        Panel(
            "Refused by quotas",
            "By resource, and whose quota it is.",
            _rate("twinbase_quota_refusals_total", "resource", "of"),
            "reqps",
        ),
        Panel(
            "Bytes and rows",
            "Bodies of requests (in) and answers (out); rows that exec_dml changed and answered.",
            {
                "bytes {{direction}}": "sum by (direction)"
                " (rate(twinbase_body_bytes_total{it}[$__rate_interval]))",
                "rows {{direction}}": "sum by (direction)"
                " (rate(twinbase_rows_total{it}[$__rate_interval]))",
            },
        ),
    ),
    "Waiting": (
        Panel(
            "Turns",
            "Taken of those that there are, and who waits for one.",
            {
                "taken {{turns}}": "sum by (turns) (twinbase_turns_taken{it})",
                "waiting {{turns}}": "sum by (turns) (twinbase_turns_waiting{it})",
                "most {{turns}}": "sum by (turns) (twinbase_turns_max{it})",
            },
        ),
        Panel(
            "Time for a turn",
            "Of those who got one.",
            _quantiles("twinbase_turn_wait_seconds", "turns", 0.5, 0.99),
            "s",
        ),
        Panel(
            "No turn in time",
            "By the bound that kept them waiting.",
            _rate("twinbase_turns_refused_total", "turns", "bound"),
            "reqps",
        ),
        Panel(
            "Connections",
            "In use of those that a pool may have, and who waits for one.",
            {
                "in use {{pool}}": 'sum by (pool) (twinbase_pool_connections{it,state="in_use"})',
                "waiting {{pool}}": "sum by (pool) (twinbase_pool_waiting{it})",
                "most {{pool}}": "sum by (pool) (twinbase_pool_connections_max{it})",
            },
        ),
        Panel(
            "Time for a connection",
            "Of those who got one.",
            _quantiles("twinbase_pool_wait_seconds", "pool", 0.5, 0.99),
            "s",
        ),
        Panel(
            "No connection, and new ones",
            "none_free: the pool is full. unreachable: PostgreSQL gave none.",
            {
                "{{reason}} {{pool}}": "sum by (reason, pool)"
                " (rate(twinbase_pool_refusals_total{it}[$__rate_interval]))",
                "opened {{pool}}": "sum by (pool)"
                " (rate(twinbase_pool_opened_total{it}[$__rate_interval]))",
            },
        ),
    ),
    "PostgreSQL": (
        Panel(
            "Statements",
            "Time of tenants' statements, by kind.",
            _quantiles("twinbase_statement_seconds", "kind", 0.5, 0.99),
            "s",
        ),
        Panel(
            "Transactions",
            "Time of transactions, by what they are for.",
            _quantiles("twinbase_transaction_seconds", "kind", 0.5, 0.99),
            "s",
        ),
        Panel(
            "Errors", "By SQLSTATE.", _rate("twinbase_postgresql_errors_total", "sqlstate", "whose")
        ),
        Panel(
            "Sessions",
            "Of the whole server, of those that it takes.",
            {
                "sessions": "max(twinbase_server_connections{it})",
                "most": "max(twinbase_server_connections_max{it})",
            },
        ),
        Panel(
            "Waiting for locks",
            "Sessions of the service.",
            {"sessions": "max(twinbase_server_lock_waiters{it})"},
        ),
        Panel(
            "Oldest transaction",
            "Of the service.",
            {"open for": "max(twinbase_server_oldest_transaction_seconds{it})"},
            "s",
        ),
    ),
    "Isolation": (
        Panel(
            "Verdicts of the gate",
            "admitted, or the code of the refusal.",
            _rate("twinbase_gate_verdicts_total", "language", "where", "verdict"),
        ),
        Panel(
            "Long SQL",
            "Judged by the other process; given up: not in time.",
            {
                "p99": "histogram_quantile(0.99, sum by (le)"
                " (rate(twinbase_gate_elsewhere_seconds_bucket{it}[$__rate_interval])))",
                "given up": "sum(rate(twinbase_gate_given_up_total{it}[$__rate_interval]))",
            },
            "s",
        ),
        Panel(
            "Denied by PostgreSQL",
            "SQLSTATE 42501. Of the service: a privilege was revoked.",
            _rate("twinbase_denials_total", "denied_by", "whose"),
        ),
    ),
    "Databases and operations": (
        Panel(
            "Databases",
            "By status.",
            {"{{status}}": "max by (status) (twinbase_databases{it})"},
        ),
        Panel(
            "Bytes of databases",
            "As they were last measured.",
            {"bytes": "max(twinbase_databases_bytes{it})"},
            "bytes",
        ),
        Panel(
            "Operations",
            "Unfinished ones, and those that ended in the last hour.",
            {"{{kind}} {{status}}": "max by (kind, status) (twinbase_operations{it})"},
        ),
        Panel("Queue", "Jobs.", {"{{state}}": "max by (state) (twinbase_queue_jobs{it})"}),
        Panel(
            "Oldest",
            "Waiting job, and unfinished operation.",
            {
                "job": "max(twinbase_queue_oldest_seconds{it})",
                "operation": "max(twinbase_oldest_operation_seconds{it})",
            },
            "s",
        ),
        Panel(
            "Inconsistent",
            "What the doctor finds and the service does not mend.",
            {"{{kind}}": "max by (kind) (twinbase_findings{it})"},
        ),
    ),
    "Workers": (
        Panel("Caches: hits", "Of all lookups.", {"{{cache}}": _hits()}, "percentunit"),
        Panel("Caches: entries", "What they hold.", _sum("twinbase_cache_entries", "cache")),
        Panel(
            "What goes wrong",
            "Events of the log from warning on.",
            _rate("twinbase_log_events_total", "level", "event"),
        ),
        Panel(
            "Workers",
            "That serve, listen, take operations; started: also in another's place.",
            {
                "serve": "sum(twinbase_workers{it})",
                "listen": "sum(twinbase_workers_listening{it})",
                "take operations": "sum(twinbase_workers_taking_operations{it})",
                "started": "sum(twinbase_workers_started_total{it})",
            },
        ),
        Panel(
            "Releases",
            "Workers by the release that they are of; two of them during a rolling upgrade.",
            _sum("twinbase_build_info", "version"),
        ),
        Panel(
            "Memory",
            "Of all workers of an instance.",
            _sum("twinbase_resident_memory_bytes", "instance"),
            "bytes",
        ),
        Panel(
            "Processors",
            "That the workers of an instance keep busy.",
            _rate("twinbase_cpu_seconds_total", "instance"),
        ),
    ),
}
