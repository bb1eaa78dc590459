"""SQL that differs in literals only becomes one text; what that text does is PostgreSQL's to say."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from postgast import fingerprint

from domain.gate import Normalised, Normaliser, admit_dml
from domain.gate.normalised import LONGEST, MOST_LITERALS, REMEMBERED
from exceptions.errors import TwinbaseError
from tests.corpus import corpus, written

_PARAMETER = re.compile(r" \$([0-9]+)(::int[48])? ")


def normalised(first: str, then: str | None = None) -> Normalised | None:
    normaliser = Normaliser()
    assert normaliser.normalised(first) is None
    return normaliser.normalised(then or first)


def rebuilt(sql: Normalised) -> str:
    def literal(parameter: re.Match[str]) -> str:
        value = sql.values[int(parameter[1]) - 1]
        return value if parameter[2] else "'" + value.replace("'", "''") + "'"

    return _PARAMETER.sub(literal, sql.text)


@pytest.mark.parametrize(
    ("sql", "text", "values"),
    [
        ("SELECT a FROM t WHERE a = 5", "SELECT a FROM t WHERE a =  $1::int4 ", ("5",)),
        ("SELECT a FROM t WHERE 'it''s é'=b", "SELECT a FROM t WHERE  $1 =b", ("it's é",)),
        (
            "SELECT f(2) FROM t WHERE NOT (a IN (3, 4) OR b BETWEEN '5' AND '6') LIMIT 7",
            "SELECT f(2) FROM t WHERE NOT (a IN ( $1::int4 ,  $2::int4 ) OR b BETWEEN  $3  AND  $4 ) LIMIT 7",
            ("3", "4", "5", "6"),
        ),
        (
            "INSERT INTO t VALUES (1, 'x'), (-2, f()) ON CONFLICT (a) DO UPDATE SET b = 'y'",
            "INSERT INTO t VALUES ( $1::int4 ,  $2 ), (-2, f()) ON CONFLICT (a) DO UPDATE SET b =  $3 ",
            ("1", "x", "y"),
        ),
        (
            "UPDATE \"t 1\" SET a = 1, b = b || 'x' WHERE \"b 2\" LIKE 'y%';",
            'UPDATE "t 1" SET a =  $1::int4 , b = b || \'x\' WHERE "b 2" LIKE  $2 ;',
            ("1", "y%"),
        ),
        (
            "DELETE FROM t WHERE a IN (2147483647, 2147483648, 123456789012345678)",
            "DELETE FROM t WHERE a IN ( $1::int4 ,  $2::int8 ,  $3::int8 )",
            ("2147483647", "2147483648", "123456789012345678"),
        ),
        ("DELETE FROM t WHERE a >= 0", "DELETE FROM t WHERE a >=  $1::int4 ", ("0",)),
    ],
)
def test_literals_beside_columns_become_parameters(
    sql: str, text: str, values: tuple[str, ...]
) -> None:
    assert normalised(sql) == Normalised(text, values)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "SELECT a = 5 FROM t GROUP BY a = 5",
        "SELECT a FROM t WHERE a + 1 = 5",
        "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM t WHERE b = 6)",
        "SELECT a FROM t WHERE a = '5'::int",
        "SELECT a FROM t WHERE a = 1.5",
        "SELECT a FROM t WHERE a = 1234567890123456789",
        "SELECT a FROM t WHERE a = 05",
        "SELECT a FROM t WHERE a = -5",
        "SELECT a FROM t WHERE a = E'5'",
        "SELECT a FROM t WHERE a = B'0'",
        "SELECT a FROM t WHERE a = U&'5'",
        "SELECT a FROM t WHERE a = '5\\'",
        "SELECT a FROM t WHERE a = '5'\n'6'",
        "SELECT a FROM t WHERE a = '5' 'b'",
        "SELECT a FROM t WHERE a = $$5$$",
        "SELECT a FROM t WHERE a = 5 -- or not",
        "SELECT a FROM t WHERE /* not */ a = 5",
        "SELECT a FROM t WHERE a = 5; SELECT a FROM t WHERE a = 6",
        "SELECT a FROM t WHERE a = 5 AND",
        "SELECT a FROM t WHERE a = 5e0",
        "SELECT a FROM t WHERE a = .5",
        "SELECT a FROM t WHERE a = 0x5",
        "SELECT a FROM t WHERE a = '\0'",
        "SELECT a FROM t WHERE a = '\ud800'",
        "SELECT a FROM t WHERE a = :a AND b = 5",
        "SELECT a FROM t WHERE a = 5 " + " " * LONGEST,
        "SELECT a FROM t WHERE a IN (5" + ", 5" * MOST_LITERALS + ")",
    ],
)
def test_what_is_out_of_the_ordinary_stays_as_it_is(sql: str) -> None:
    assert normalised(sql) is None


def test_literals_of_other_kinds_are_another_shape() -> None:
    assert normalised("DELETE FROM t WHERE a = 5", "DELETE FROM t WHERE a = '5'") is None
    assert normalised("DELETE FROM t WHERE a = 5", "DELETE FROM t WHERE a = 5.5") is None
    assert normalised("DELETE FROM t WHERE a = 5", "DELETE FROM t WHERE a = 5000000000") is None


def test_what_cannot_be_a_parameter_is_written_as_it_was() -> None:
    first, then = "SELECT a FROM t WHERE a = 1 LIMIT 2", "SELECT a FROM t WHERE a = 3 LIMIT 4"
    assert normalised(first, then) == Normalised(
        "SELECT a FROM t WHERE a =  $1::int4  LIMIT 4", ("3",)
    )


def test_a_shape_that_was_left_as_it_is_stays_so() -> None:
    normaliser = Normaliser()
    normaliser.normalised("DELETE FROM t WHERE a = 5")
    normaliser.leave_as_sent("DELETE FROM t WHERE a = 6")
    assert normaliser.normalised("DELETE FROM t WHERE a = 7") is None


def test_shapes_are_forgotten_in_the_end() -> None:
    normaliser = Normaliser()
    for number in range(REMEMBERED + 1):
        normaliser.normalised(f"DELETE FROM t{number} WHERE a = 5")
    assert normaliser.normalised("DELETE FROM t0 WHERE a = 5") is None
    assert normaliser.normalised(f"DELETE FROM t{REMEMBERED} WHERE a = 5") is not None


def _means_the_same(sql: str, other: Normalised) -> None:
    """PostgreSQL's fingerprint of a statement is of its tree without the literals' values."""
    assert rebuilt(other) == sql
    assert fingerprint(re.sub("::int[48] ", " ", other.text)).hex == fingerprint(sql).hex


@given(st.randoms(use_true_random=False))
def test_the_corpus_keeps_its_meaning(random: Random) -> None:
    sql = written(random, "dml")
    found = normalised(sql)
    if found is not None:
        _means_the_same(sql, found)


def test_much_of_the_corpus_is_normalised_and_still_admitted() -> None:
    count = 0
    for sample in corpus(4_000):
        normaliser = Normaliser()
        normaliser.normalised(sample.sql)
        found = normaliser.normalised(sample.sql)
        if found is None:
            continue
        count += 1
        _means_the_same(sample.sql, found)
        assert _verdict(found.text) == _verdict(sample.sql)
    assert count > 50


def _verdict(sql: str) -> type[TwinbaseError] | None:
    try:
        admit_dml(sql, "prod_u1_1")
    except TwinbaseError as error:
        return type(error)
    return None


_PIECES = ["'", "''", '"', "5", "1234567890", "a", "E", "WHERE", "=", " ", "\n", ".", "-", "/", "*"]
_PIECES += [
    "(",
    ")",
    ",",
    ";",
    "\\",
    "$1",
    ":b",
    "::",
    "é",
    "\0",
    "\ud800",
    "SELECT a FROM t WHERE a = ",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=30))
def test_any_text_is_normalised_to_what_means_the_same_or_not_at_all(words: list[str]) -> None:
    sql = "".join(["SELECT a FROM t WHERE a = 5 AND b = '", *words])
    found = normalised(sql)
    if found is not None:
        _means_the_same(sql, found)
