"""A name gets into SQL as it is, or not at all."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from postgast import parse

from domain.identifiers import MAX_IDENTIFIER_BYTES, Identifier

NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=63
)
FITS = NAMES.filter(lambda name: len(name.encode()) <= MAX_IDENTIFIER_BYTES)


@given(FITS)
def test_quoted_names_read_back(name: str) -> None:
    quoted = str(Identifier(name))
    assert quoted[0] == quoted[-1] == '"'
    assert quoted[1:-1].replace('""', '"') == name
    assert quoted[1:-1].count('"') == 2 * name.count('"')


@given(FITS)
def test_literals_read_back(name: str) -> None:
    assume("\\" not in name)  # standard_conforming_strings is on, for PostgreSQL and for the gate
    literal = Identifier(name).literal
    assert literal[1:-1].replace("''", "'") == name


@given(FITS)
def test_postgresql_reads_the_same_name(name: str) -> None:
    identifier = Identifier(name)
    select = parse(f"SELECT {identifier.literal} AS {identifier}").stmts[0].stmt.select_stmt
    target = select.target_list[0].res_target
    assert (target.name, target.val.a_const.sval.sval) == (name, name)


HOSTILE = ('a"b', '"', '""', 'x"; DROP TABLE t; --', "it's", "A b\nc", "sélect", "表", "\\", "$$")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_one_name(name: str) -> None:
    statement = parse(f"SELECT * FROM {Identifier(name)}").stmts
    assert len(statement) == 1
    assert statement[0].stmt.select_stmt.from_clause[0].range_var.relname == name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("a\0b", id="NUL"),
        pytest.param("a" * 64, id="64 bytes"),
        pytest.param("é" * 32, id="64 bytes in 32 letters"),
        pytest.param("\ud800", id="no Unicode"),
    ],
)
def test_names_that_postgresql_could_not_keep(name: str) -> None:
    with pytest.raises(ValueError, match=r"identifier|surrogate"):
        Identifier(name)


def test_the_longest_name() -> None:
    assert str(Identifier("表" * 21)) == '"' + "表" * 21 + '"'
