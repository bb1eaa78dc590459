"""`docs/metrics.md`: every metric, from its definition, and every alert, from its rule."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from service.telemetry.definitions import DEFINITIONS

ALERTS = Path(__file__).parent / "monitoring" / "alerts.yml"

OPENING = """\
# Metrics

Made from `service/telemetry/definitions.py` and `docs/monitoring/alerts.yml` by `make docs`.

`GET /metrics`, on the service's own port, answers in Prometheus' format (or OpenMetrics, where that
is asked for). Whichever worker is asked tells of all of them. No label names a tenant, and none
grows with tenants; SQL, values and uids are nowhere.

```console
$ curl -s http://127.0.0.1:7990/metrics
```

It asks for no key, also where verbs do: it tells how much goes on and how well, and must answer
when PostgreSQL, where the keys are, does not. `TWINBASE_METRICS_TOKEN` makes it ask for
`Authorization: Bearer <token>`, `TWINBASE_METRICS=false` turns it off. Scrapes are not counted as
requests, and are in the log at `debug` only.

`docs/monitoring/` has what belongs to it: `prometheus.yml`, `alerts.yml`, and
`grafana-dashboard.json`, which Grafana imports as it stands.

## How exact it is

- A worker counts in memory. Where `serve` has started several, each writes its values to a file for
  the others every two seconds and when it is asked, in a folder of its own in `TMPDIR`. So what is
  told of the others is two seconds old at most, and a worker that is killed loses its last two.
  Counters do not fall as long as the service runs. What a dead worker had in use is gone with it.
- Metrics of *the installation* are read from PostgreSQL at a scrape, every five seconds at most, on
  a connection made for it, within four seconds. All instances tell the same: take `max` of them,
  and not `sum`. Where they cannot be read they are missing; `twinbase_database_up` and
  `twinbase_installation_read` say why.
- Bytes of databases are those that the service has measured for quotas and usage, mostly within ten
  minutes; nothing is measured for a scrape.
- Histograms have buckets at powers of two of a second.
- `get_statistics` has the same counts of requests, of each platform, for long
  ([statistics.md](statistics.md)).
"""

_SYMPTOMS = (
    ("codes 25503", "`twinbase_database_up` is 0", "TwinbasePostgresqlAway"),
    ("", "`twinbase_pool_waiting`, `twinbase_pool_refusals_total`", "TwinbasePoolFull"),
    ("codes 25018", "`twinbase_turns_refused_total` by `bound`", "TwinbaseTurnsRefused"),
    ("codes 25020", "`twinbase_denials_total`: by PostgreSQL", "TwinbaseTenantsDenied"),
    ("", "`twinbase_gate_verdicts_total`: by the gate", "[what it admits](gate.md)"),
    ("codes 25030, 25040, 25050", "`twinbase_gate_verdicts_total`", "[what it admits](gate.md)"),
    (
        "codes 25017, 25031",
        "`twinbase_postgresql_errors_total`: 55P03 is a lock, 40P01 a deadlock, 57014 too slow",
        "TwinbaseLockWaiters",
    ),
    (
        "codes 25070 to 25072",
        "`twinbase_quota_refusals_total` by `resource`",
        "[quotas](quotas.md)",
    ),
    ("codes 25500", "`twinbase_log_events_total` by `event`", "TwinbaseErrorsInLog"),
    (
        "slow requests",
        "`twinbase_turn_wait_seconds`, `twinbase_pool_wait_seconds`, `twinbase_statement_seconds`",
        "TwinbaseRequestsSlow",
    ),
    (
        "operations that do not end",
        "`twinbase_queue_oldest_seconds`, `twinbase_workers_taking_operations`",
        "TwinbaseQueueStuck",
    ),
)


def metrics_page() -> str:
    return "\n".join(
        [OPENING, *_where(), "## Metrics", "", *_metrics(), "## Alerts", "", *_alerts()]
    )


def _where() -> Iterator[str]:
    yield "## Where to look\n"
    yield "| what is seen | look at | then |"
    yield "|---|---|---|"
    for seen, look_at, then in _SYMPTOMS:
        link = then if then.startswith("[") else f"[{then}](#{then.lower()})"
        yield f"| {seen} | {look_at} | {link} |"
    yield ""


def _metrics() -> Iterator[str]:
    titles = dict.fromkeys(definition.title for definition in DEFINITIONS.values())
    for title in titles:
        yield f"### {title}\n"
        yield "| metric | kind | labels | what |"
        yield "|---|---|---|---|"
        for definition in DEFINITIONS.values():
            if definition.title == title:
                labels = ", ".join(f"`{label}`" for label in definition.labels)
                told = f"{definition.help}{_of_bounds(definition.bounds)}"
                yield f"| `{definition.name}` | {definition.kind} | {labels} | {told} |"
        yield ""


def _of_bounds(bounds: tuple[int, ...]) -> str:
    if not bounds:
        return ""
    least = 2.0 ** bounds[0] * 1000
    return f" {len(bounds)} buckets, from {least:.2g} ms to {2 ** bounds[-1]} s."


def _alerts() -> Iterator[str]:
    yield "| alert | severity | what |"
    yield "|---|---|---|"
    for rule in rules():
        name = rule["alert"]
        told = _without_template(rule["annotations"]["summary"])
        yield f"| [{name}](#{name.lower()}) | {rule['labels']['severity']} | {told} |"
    yield ""
    for rule in rules():
        told = rule["annotations"]
        lasting = f", for {rule['for']}" if "for" in rule else ""
        yield f"### {rule['alert']}\n"
        yield f"    {rule['expr']}\n"
        yield f"{rule['labels']['severity'].capitalize()}{lasting}. {told['description']}\n"
        yield f"**What to do.** {told['action']}\n"


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def _without_template(summary: str) -> str:
    """Prometheus puts values in; here are only their names."""
    told = summary.replace("{{ $value | ", "{{ $value ").replace("$labels.", "")
    for given, shown in {
        "{{ $value humanizePercentage }}": "…",
        "{{ $value humanizeDuration }}": "…",
        "{{ $value humanize }}": "…",
        "{{ $value }}": "…",
    }.items():
        told = told.replace(given, shown)
    return told.replace("{{ ", "*").replace(" }}", "*")
