"""Names as their author wrote them, read out of the SQL for hints."""

import pytest

from domain.gate.words import name_at

NAMES = {
    "alone": ("nme", ["nme"]),
    "in other case": ("Nme FROM t", ["nme"]),
    "dotted": ("items . nme FROM items", ["items", "nme"]),
    "in quotes": ('"a ""b\'s"." c" FROM t', ["a \"b's", " c"]),
    "a keyword": ("user + 1", ["user"]),
    "no name": ("1 + nme", []),
    "before a literal": ("nme = 'pen'", ["nme"]),
    "before a long literal": (f"items.nme = '{'x' * 1_000}'", ["items", "nme"]),
    "before much": ("nme" + ", a" * 1_000, ["nme"]),
    "before what cannot be read": ("nme = 'pen", ["nme"]),
}


@pytest.mark.parametrize("case", NAMES)
def test_name_at(case: str) -> None:
    text, parts = NAMES[case]
    assert name_at(f"SELECT {text}", len("SELECT ")) == parts
