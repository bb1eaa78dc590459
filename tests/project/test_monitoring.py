"""Dashboard, alerts and Prometheus' configuration: they load, and ask for metrics that there are."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from docs.metrics_page import rules
from repository.roles import DDL, OWNER, SERVICE
from service.telemetry.definitions import DEFINITIONS, Definition, Kind

REPOSITORY = Path(__file__).parents[2]
MONITORING = REPOSITORY / "docs" / "monitoring"
PAGE = (REPOSITORY / "docs" / "metrics.md").read_text()
DASHBOARD = json.loads((MONITORING / "grafana-dashboard.json").read_text())
PROMETHEUS_OWN = {"up"}
ASKED_FOR_BY_HAND = {
    "twinbase_databases_unmeasured",
    "twinbase_installation_read_seconds",
    "twinbase_listening_sessions_total",
    "twinbase_requests_unwritten",
    "twinbase_swept_total",
}
OF_EVERY_SCRAPE = {"instance", "job"}

_OF_HISTOGRAMS = re.compile(r"_(bucket|count|sum)$")
_GRAFANAS = {"$__rate_interval": "5m", '"$instance"': '".*"'}


def panels() -> Iterator[dict[str, Any]]:
    yield from (panel for panel in DASHBOARD["panels"] if panel["type"] != "row")


def queries() -> Iterator[tuple[str, str]]:
    """Each with the place that it is from."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            query = target["expr"]
            for variable, value in _GRAFANAS.items():
                query = query.replace(variable, value)
            yield panel["title"], query


def selectors(query: promql_parser.Expr) -> Iterator[promql_parser.VectorSelector]:
    found: list[promql_parser.VectorSelector] = []

    def visit(expression: promql_parser.Expr) -> bool:
        if isinstance(expression, promql_parser.MatrixSelector):
            found.append(expression.vector_selector)
        elif isinstance(expression, promql_parser.VectorSelector):
            found.append(expression)
        return True

    promql_parser.walk(query, visit)
    yield from found


def definition_of(metric: str) -> Definition | None:
    base = _OF_HISTOGRAMS.sub("", metric)
    definition = DEFINITIONS.get(base)
    if definition is not None and definition.kind is Kind.HISTOGRAM:
        return definition if base != metric else None
    return DEFINITIONS.get(metric)


@pytest.mark.parametrize(("place", "query"), list(queries()), ids=str)
def test_queries_parse_and_ask_for_what_there_is(place: str, query: str) -> None:
    asked = list(selectors(promql_parser.parse(query)))
    assert asked, place
    for selector in asked:
        if selector.name in PROMETHEUS_OWN:
            continue
        definition = definition_of(str(selector.name))
        assert definition is not None, selector.name
        labels = {matcher.name for matcher in selector.matchers.matchers}
        assert labels <= {*definition.labels, *OF_EVERY_SCRAPE}, selector.name
    grouped = {
        label for group in re.findall(r"by \(([^)]*)\)", query) for label in group.split(",")
    }
    known = {label for selector in asked for label in _labels(selector)}
    assert {label.strip() for label in grouped} <= known


def _labels(selector: promql_parser.VectorSelector) -> set[str]:
    definition = definition_of(str(selector.name))
    le = {"le"} if definition is not None and definition.kind is Kind.HISTOGRAM else set()
    return {*(definition.labels if definition is not None else ()), *OF_EVERY_SCRAPE, *le}


def test_dashboard_and_alerts_use_all_that_is_told() -> None:
    shown = {
        definition.name
        for _, query in queries()
        for selector in selectors(promql_parser.parse(query))
        if (definition := definition_of(str(selector.name))) is not None
    }
    assert DEFINITIONS.keys() - shown == ASKED_FOR_BY_HAND


def test_the_dashboard_has_what_grafana_needs() -> None:
    assert DASHBOARD["uid"] == "twinbase"
    assert DASHBOARD["schemaVersion"] >= 39
    assert "id" not in DASHBOARD  # another installation's number
    variables = {each["name"]: each["type"] for each in DASHBOARD["templating"]["list"]}
    assert variables == {"datasource": "datasource", "instance": "query"}
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    for panel in panels():
        assert panel["title"]
        assert panel["description"]
        assert panel["datasource"]["uid"] == "${datasource}"
        references = [target["refId"] for target in panel["targets"]]
        assert references
        assert len(references) == len(set(references))


def test_panels_do_not_cover_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_alert_says_what_it_means_and_what_to_do() -> None:
    headings = set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE))
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        told = rule["annotations"]
        assert told.keys() == {"summary", "description", "action", "runbook"}
        assert all(told.values())
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert told["runbook"] == f"docs/metrics.md#{rule['alert'].lower()}"
        assert rule["alert"] in headings


def test_links_within_the_page_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in headings}
    linked = set(re.findall(r"\]\(#([^)]+)\)", PAGE))
    assert linked
    assert linked <= anchors


def test_what_alerts_name_is_there() -> None:
    """Settings and codes in their words."""
    settings = (REPOSITORY / "docs" / "settings.md").read_text()
    codes = (REPOSITORY / "docs" / "errors.md").read_text()
    text = (MONITORING / "alerts.yml").read_text() + PAGE
    for name in re.findall(r"TWINBASE_[A-Z_]+", text):
        assert f"`{name}`" in settings, name
    for code in re.findall(r"\b25\d{3}\b", text):
        assert f"| {code} |" in codes, code
    told = "".join(
        rule["annotations"]["description"] + rule["annotations"]["action"] for rule in rules()
    )
    roles = {role.name for role in (SERVICE, DDL, OWNER)}
    for name in re.findall(r"\btwinbase_[a-z_]+", told):
        assert name in DEFINITIONS or name in roles, name


def test_prometheus_reads_the_alerts_beside_it() -> None:
    configured = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    assert configured["rule_files"] == ["alerts.yml"]
    (job,) = configured["scrape_configs"]
    assert job["job_name"] == "twinbase"  # which TwinbaseDown names


def promtool(*arguments: str) -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (package prometheus)")
    checked = subprocess.run(
        [program, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return checked.stdout


def test_prometheus_loads_them() -> None:
    promtool("check", "config", "docs/monitoring/prometheus.yml")
    assert f"{len(rules())} rules found" in promtool("check", "rules", "docs/monitoring/alerts.yml")


def test_alerts_fire_when_they_should() -> None:
    promtool("test", "rules", "tests/data/alerts/cases.yml")
    cases = (REPOSITORY / "tests/data/alerts/cases.yml").read_text()
    untested = {rule["alert"] for rule in rules()} - set(
        re.findall(r'ALERTS{alertname="(\w+)"', cases)
    )
    assert untested == set()
