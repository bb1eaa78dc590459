"""`docs/monitoring/grafana-dashboard.json`, from its rows of panels."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from docs.dashboard_rows import ROWS, Panel

_WIDTH, _HEIGHT = 24, 8
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WHERE = 'instance=~"$instance"'


def dashboard() -> str:
    content = {
        "uid": "twinbase",
        "title": "Twinbase",
        "description": "What each metric means: docs/metrics.md.",
        "tags": ["twinbase"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "timezone": "browser",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": _variables()},
        "annotations": {"list": []},
        "panels": list(_panels()),
    }
    return json.dumps(content, indent=1) + "\n"


def _variables() -> list[dict[str, Any]]:
    return [
        {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
        {
            "name": "instance",
            "label": "Instance",
            "type": "query",
            "datasource": _DATASOURCE,
            "query": {"query": "label_values(twinbase_workers, instance)", "refId": "instances"},
            "refresh": 2,
            "includeAll": True,
            "multi": True,
            "allValue": ".*",
            "current": {"text": ["All"], "value": ["$__all"]},
        },
    ]


def _panels() -> Iterator[dict[str, Any]]:
    number = y = 0
    for title, panels in ROWS.items():
        number += 1
        place = {"x": 0, "y": y, "w": _WIDTH, "h": 1}
        yield {"id": number, "type": "row", "title": title, "gridPos": place, "panels": []}
        y += 1
        x = 0
        for panel in panels:
            number += 1
            if x + panel.width > _WIDTH:
                x, y = 0, y + _HEIGHT
            height = _HEIGHT if panel.kind == "timeseries" else _HEIGHT // 2
            place = {"x": x, "y": y, "w": panel.width, "h": height}
            yield _panel(panel, number, place)
            x += panel.width
        y += _HEIGHT


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.what,
        "gridPos": place,
        "datasource": _DATASOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": _OPTIONS[panel.kind],
        "targets": [
            {
                "refId": chr(ord("A") + position),
                "datasource": _DATASOURCE,
                "expr": _shown(query),
                "legendFormat": legend,
            }
            for position, (legend, query) in enumerate(panel.queries.items())
        ],
    }


_OPTIONS: Mapping[str, dict[str, Any]] = {
    "stat": {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}},
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
}


def _shown(query: str) -> str:
    return query.replace("{it}", f"{{{_WHERE}}}").replace("{it,", f"{{{_WHERE},")
