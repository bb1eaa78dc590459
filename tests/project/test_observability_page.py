"""docs/observability.md: its lines are such lines, and its tables name what the code tells."""

import re
from pathlib import Path

import orjson

from service.settings import PREFIX, Settings
from tests.http.test_log_of_statements import FIELDS

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "observability.md").read_text()
LINES = [
    orjson.loads(line)
    for block in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
TELLS = ("api/tracing.py", "service/telemetry/tracing.py")
STEPS = ("repository/clone.py", "repository/schemas.py")


def words(pattern: str, *files: str) -> set[str]:
    return {word for file in files for word in re.findall(pattern, (REPOSITORY / file).read_text())}


def table_behind(heading: str) -> set[str]:
    rows = PAGE.partition(heading)[2].partition("\n\n")[0]
    first = re.findall(r"^\| ([^|]*)\|", rows, re.MULTILINE)
    return {word for cell in first for word in re.findall(r"`([^`]+)`", cell)}


def test_each_line_is_of_an_event_that_is_logged() -> None:
    code = "".join(path.read_text() for path in (REPOSITORY / "service").rglob("*.py"))
    code += (REPOSITORY / "api" / "middleware.py").read_text()
    assert len(LINES) == 7
    for line in LINES:
        assert f'"{line["event"]}"' in code
    slow, stopped = (line for line in LINES if line["event"] == "slow_statement")
    assert set(slow) == FIELDS | {"trace_id"}
    assert set(stopped) == set(slow) | {"error", "sqlstate"}
    told = table_behind("| field | |")
    assert told == set(stopped) - {"event", "level", "timestamp", "sid", "trace_id"}


def test_attributes_and_steps_are_the_codes() -> None:
    attributes = words(r'"((?:http|url|db|error|twinbase)\.[a-z_.]+)"', *TELLS)
    assert table_behind("| attribute | of |") == attributes
    spans = table_behind("| span | kind | one for each |")
    assert words(r'\.step\("([a-z ]+)"', *STEPS) <= spans


def test_settings_and_their_defaults_are_named() -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+)", PAGE))
    assert {name.lower() for name in named} <= set(Settings.model_fields)
    assert f"({Settings().slow_statement_ms}; 0: none are told)" in PAGE
