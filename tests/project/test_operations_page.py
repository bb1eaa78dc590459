"""docs/operations.md: its kinds of findings, and how the doctor tells them."""

import re
from datetime import UTC, datetime
from pathlib import Path

from domain.consistency import Finding, FindingKind
from service.commands.doctor import as_findings

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def test_each_kind_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| by (you|the service|--fix) \|", PAGE, re.MULTILINE)
    assert rows == [(kind, kind.mended_by) for kind in FindingKind]


def test_the_table_is_the_commands() -> None:
    noon = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    table = as_findings(
        [
            Finding(FindingKind.UNKNOWN_SCHEMA, "test_7", None, None, None),
            Finding(FindingKind.ABANDONED_CLONE, "shop", 244238522, None, noon),
        ]
    )
    shown = re.findall(r"^    ((?:KIND|\w+_\w+)  .*)$", PAGE, re.MULTILINE)
    assert "\n".join(shown) == table
