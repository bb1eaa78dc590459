"""docs/operations.md: its kinds of findings, and how the doctor tells them."""

import re
from datetime import UTC, datetime
from pathlib import Path

from domain.consistency import Finding, FindingKind
from service.examination import as_text

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def test_each_kind_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| by (you|the service) \|", PAGE, re.MULTILINE)
    kinds = [Finding(kind, "", None, None, None) for kind in FindingKind]
    expected = [(each.kind, "the service" if each.kind.is_mended else "you") for each in kinds]
    assert rows == expected


def test_the_table_is_the_commands() -> None:
    noon = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    table = as_text(
        [
            Finding(FindingKind.UNKNOWN_SCHEMA, "test_7", None, None, None),
            Finding(FindingKind.ABANDONED_CLONE, "shop", 244238522, None, noon),
        ]
    )
    shown = re.findall(r"^    ((?:KIND|\w+_\w+)  .*)$", PAGE, re.MULTILINE)
    assert "\n".join(shown) == table
