"""Which statements are the same, and that what the service does to their text changes nothing."""

from dataclasses import replace

import pytest

from domain.fingerprint import fingerprint_of
from domain.gate import Normaliser, admit_ddl, admit_dml


def of(sql: str) -> str | None:
    (statement,) = admit_dml(sql, "test_1", None)
    return fingerprint_of(statement)


def test_constants_and_blanks_make_no_difference_and_all_else_does() -> None:
    first = of("SELECT a FROM t WHERE b = 1 AND c = 'x'")
    assert first == of("select  a\nfrom t where b = 22 and c = 'another' -- comment")
    others = {of(sql) for sql in ("SELECT b FROM t WHERE b = 1", "SELECT a FROM u WHERE b = 1")}
    assert len({first, *others}) == 3


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t WHERE b = {}1 AND c = 'x{}'",
        "INSERT INTO t (a, b) VALUES ({}1, '$1::int4 {}')",
        "UPDATE t SET a = {}1 WHERE b IN ({}2, 3000000000)",
    ],
)
def test_what_is_normalised_is_the_same_statement(sql: str) -> None:
    normaliser = Normaliser()
    sent = [sql.replace("{}", str(number)) for number in range(1, 4)]
    texts = [normaliser.normalised(each) for each in sent]
    assert texts[0] is None
    assert texts[2] is not None
    (normalised,) = admit_dml(texts[2].text, "test_1", None, of_literals=True)
    assert "::int4" in normalised.text
    assert fingerprint_of(normalised) == of(sent[0])


def test_ddl_has_one_too_and_what_cannot_be_parsed_has_none() -> None:
    (statement,) = admit_ddl("CREATE TABLE t (a int)")
    assert len(fingerprint_of(statement) or "") == 16
    assert fingerprint_of(replace(statement, text="CREATE TABL")) is None
