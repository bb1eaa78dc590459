"""A script, cut into requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.gate.admission import MAX_STATEMENTS
from domain.gate.scripts import parts_of
from domain.gate.source import MAX_SQL_BYTES
from exceptions.errors import DmlFailed, InvalidParameter, SqlDetails, SqlParseFailed

DDL = "CREATE TABLE t (a INT)"
DML = "INSERT INTO t VALUES (1, 'a;b')"


def test_each_part_is_for_one_verb_and_knows_its_line() -> None:
    parts = parts_of(f"-- {DDL}\n{DDL};\n\nDROP VIEW v;\n{DML}; SELECT 1;\n/* ; */ {DDL}")
    assert [(part.is_dml, part.line) for part in parts] == [(False, 2), (True, 5), (False, 6)]
    assert parts[0].sql == f"{DDL};\n\nDROP VIEW v"
    assert parts[1].sql == f"{DML}; SELECT 1"


def test_places_are_those_of_the_script() -> None:
    script = "DROP TABLE a; /* é */ SELECT 1\n; -- a; b\n  SELECT 2;\n\n\tSELECT nope"
    _, part = parts_of(script)
    for word, number in (("SELECT 1", 2), ("SELECT 2", 3), ("nope", 4)):
        error = DmlFailed("said", SqlDetails(statement=number - 1, offset=part.sql.index(word)))
        error.locate(part.sql)
        assert error.sql is not None
        before = script[: script.index(word)]
        place = (number, before.count("\n") + 1, len(before) - before.rfind("\n"))
        told = part.in_script(error.sql)
        assert (told.statement, told.line, told.column) == place
    assert part.in_script(SqlDetails(sqlstate="22012")) == SqlDetails(sqlstate="22012")


def test_no_part_is_larger_than_a_request() -> None:
    parts = parts_of(f"{DML};\n" * (2 * MAX_STATEMENTS + 1))
    assert [part.line for part in parts] == [1, MAX_STATEMENTS + 1, 2 * MAX_STATEMENTS + 1]
    large = f"SELECT '{'x' * (MAX_SQL_BYTES // 2)}'"
    assert len(parts_of(f"{large};{large}")) == 2


def test_each_part_has_its_parameters() -> None:
    script = "SELECT :é, :a::int, ':b';\nDROP TABLE t;\nSELECT :b, ':a', $$:a$$"
    parts = parts_of(script, frozenset({"a", "b", "é", "unused"}))
    used = [(part.line, set(part.names)) for part in parts]
    assert used == [(1, {"a", "é"}), (2, set()), (3, {"b"})]
    assert parts[0].sql == "SELECT :é, :a::int, ':b'"
    with pytest.raises(InvalidParameter, match=":b is not given"):
        parts_of(script, frozenset({"a", "é"}))


@pytest.mark.parametrize("script", ["", "  \n", "-- nothing\n", ";;"])
def test_nothing_to_run(script: str) -> None:
    assert parts_of(script) == []


@pytest.mark.parametrize("script", [f"{DDL};\nSELEC 1", f"{DML};\n'open", f"{DML};\n/* open"])
def test_what_nobody_can_parse_is_refused_with_its_line(script: str) -> None:
    with pytest.raises(SqlParseFailed):
        parts_of(script)


@given(
    st.lists(
        st.sampled_from([DDL, DML, "SELECT $$;$$", "UPDATE t SET a = 1 /* ; */", "DROP TABLE t"])
    )
)
def test_nothing_is_lost_or_reordered(statements: list[str]) -> None:
    script = ";\n".join(statements)
    again = ";".join(part.sql for part in parts_of(script))
    assert [part.is_dml for part in parts_of(again)] == [part.is_dml for part in parts_of(script)]
    for statement in set(statements):
        assert again.count(statement) == script.count(statement)
