"""Names over 63 bytes, which PostgreSQL would cut without a word: counted as they are meant."""

import pytest

from domain.gate import admit_ddl, admit_dml
from exceptions.errors import DdlNotAllowed, DmlNotAllowed

LONG = {
    "unquoted": "a" * 64,
    "quoted": '"' + "a" * 64 + '"',
    "doubled quotes": '"' + '""' * 64 + '"',
    "letters of three bytes": "中" * 22,
    "cut within a letter": '"a' + "中" * 21 + '"',
    "unicode escapes": 'U&"' + "\\4e2d" * 22 + '"',
    "long escapes": 'U&"' + "\\+01F600" * 16 + '"',
    "surrogates": 'U&"' + "\\d83d\\de00" * 16 + '"',
}
FITTING = {
    "unquoted": "a" * 63,
    "quoted": '"' + "a" * 63 + '"',
    "doubled quotes": '"' + '""' * 63 + '"',
    "letters of three bytes": "中" * 21,
    "unicode escapes": 'U&"' + "\\4e2d" * 21 + '"',
    "long escapes": 'U&"' + "\\+01F600" * 15 + '"',
    "surrogates": 'U&"' + "\\d83d\\de00" * 15 + '"',
    "a literal": "'" + "a" * 99 + "'",
    "a quoted literal": "'\"" + "a" * 99 + "\"'",
    "a comment": "1 --" + "a" * 99,
}


@pytest.mark.parametrize("name", LONG.values(), ids=LONG)
def test_names_that_postgresql_would_cut_are_refused(name: str) -> None:
    with pytest.raises(DmlNotAllowed, match="longer than 63 bytes"):
        admit_dml(f"SELECT {name}", "s")
    with pytest.raises(DdlNotAllowed, match="longer than 63 bytes"):
        admit_ddl(f"CREATE TABLE t ({name} int)")


@pytest.mark.parametrize("name", FITTING.values(), ids=FITTING)
def test_names_that_fit_are_admitted(name: str) -> None:
    assert admit_dml(f"SELECT {name}", "s")


def test_an_own_escape_character_is_known() -> None:
    name = 'U&"' + "!0061" * 63 + "\" UESCAPE '!'"
    assert admit_dml(f"SELECT {name}", "s")
    with pytest.raises(DmlNotAllowed, match="longer than 63 bytes"):
        admit_dml("SELECT " + name.replace("!0061", "!0061!!", 1), "s")
