"""Tables of the command line: a line for each row, whatever is in it."""

import pytest

from service.commands.tables import as_table


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("two\nlines", r"two\nlines"),
        ("\x1b]0;title\x07\x1b[2J", r"\x1b]0;title\x07\x1b[2J"),
        ("\x9b31mred", r"\x9b31mred"),
        ("abc\u202etxt", r"abc\u202etxt"),
        ("naïve 中文 ✓", "naïve 中文 ✓"),
        ({"a": [1, "x"], "b": None}, '{"a":[1,"x"],"b":null}'),
        ([1, None, "x\ty"], r"1,,x\ty"),
        (True, "yes"),
        (None, ""),
    ],
)
def test_a_cell_is_text_and_nothing_else(value: object, told: str) -> None:
    assert as_table([{"cell": value}]).split("\n") == ["CELL", told]
