"""nextval and its like: a text that names a sequence is read as PostgreSQL reads it, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.gate import admit_ddl, admit_dml
from exceptions.errors import DdlNotAllowed, DmlNotAllowed, NoAuthority, SqlParseFailed

# The argument as it is written, and the sequence that PostgreSQL finds.
OWN = {
    "plain": ("'q'", "q"),
    "capitals become small": ("'Orders_SEQ'", "orders_seq"),
    "capitals beyond ASCII do not": ("'ÄÖ中'", "ÄÖ中"),
    "quotes keep capitals": ("'\"Q\"'", "Q"),
    "quotes within quotes": ['\'"a""B"\'', 'a"B'],
    "a dot in quotes": ("'\"other.q\"'", "other.q"),
    "blanks in quotes": ("'\" q \"'", " q "),
    "a number in quotes": ("'\"12345\"'", "12345"),
    "blanks around": ("' \t\n\r\f q \n '", "q"),
    "digits and dollars": ("'q_1$'", "q_1$"),
    "own schema": ("'s.q'", "q"),
    "own schema, quoted": ('\'"s"."Q"\'', "Q"),
    "own schema, capitals": ("'S.q'", "q"),
    "own schema, blanks": ("' s . q '", "q"),
    "cast": ("'q'::regclass", "q"),
    "cast, in words": ("CAST('Q' AS pg_catalog.regclass)", "q"),
    "prefix cast": ("regclass 'q'", "q"),
    "dollar quotes": ("$$q$$", "q"),
    "escapes": ("E'\\x71'", "q"),
    "unicode escapes": ("U&'\\0071'", "q"),
    "63 bytes": (f"'{'q' * 63}'", "q" * 63),
    "resembling the system's": ("'pgq'", "pgq"),
}

FOREIGN = {
    "another schema": "'other.q'",
    "another schema, quoted": '\'"other"."q"\'',
    "another schema, blanks": "'other . q'",
    "own schema, other case": "'\"S\".q'",
    "escaped": "E'other\\x2eq'",
    "unicode escape": "U&'\\006fther.q'",
    "own escape character": "U&'!006fther.q' UESCAPE '!'",
    "dollar quotes": "$$other.q$$",
    "in two pieces": "'other'\n'.q'",
    "cast": "'other.q'::regclass",
    "prefix cast": "regclass 'other.q'",
    "with the database": "'postgres.s.q'",
    "pg_catalog": "'pg_catalog.q'",
    "pg_temp": "'pg_temp.q'",
    "the system's": "'pg_q'",
    "the system's, capitals": "'PG_q'",
    "the system's, quoted": "'\"pg_q\"'",
    "the system's, own schema": "'s.pg_q'",
    "a catalog": "'pg_class'",
}

UNCERTAIN = {
    "number": "'12345'",
    "number with a sign": "'-12345'",
    "number behind a blank": "' 12345'",
    "begins as a number": "'1q'",
    "nothing": "''",
    "blanks": "'  '",
    "minus": "'-'",
    "empty quotes": "'\"\"'",
    "open quotes": "'\"q'",
    "quotes inside": "'q\"r\"'",
    "behind quotes": "'\"q\"r'",
    "two words": "'q r'",
    "empty part": "'s.'",
    "empty part before": "'.q'",
    "two dots": "'s..q'",
    "operator": "'q;r'",
    "vertical tab": "E'\\x0bq'",  # blank to PostgreSQL 16, and a letter to 15
    "hyphen": "'other-q'",
    "too long": f"'{'q' * 64}'",
    "too long in bytes": f"'{'中' * 22}'",
    "too long in quotes": f"'\"{'q' * 64}\"'",
    "schema too long": f"'{'s' * 64}.q'",
    "NULL": "NULL",
    "OID": "12345",
    "column": "t.a",
    "parameter": "$1",
    "parameter, cast": "$1::regclass",
    "joined": "'other' || '.q'",
    "function": "concat('other.q')",
    "CASE": "CASE WHEN true THEN 'other.q' END",
    "COALESCE": "COALESCE('other.q')",
    "sub-query": "(SELECT 'other.q')",
    "row": "ROW('other.q')",
    "array": "ARRAY['other.q']",
    "bits": "B'1'",
    "cast to text": "'other.q'::text",
    "cast twice": "'other.q'::text::regclass",
    "cast to a foreign type": "'other.q'::other.regclass",
    "cast to an array": "'{other.q}'::regclass[]",
    "cast with a modifier": "'other.q'::regclass(1)",
    "collated": "'other.q' COLLATE \"C\"",
    "named": "sequence => 'other.q'",
    "in brackets, subscripted": "('{other.q}'::text[])[1]",
    "of an own type": "'other.q'::mood",
}

# Ways round: the functions under another name, or others that take a name.
AROUND = {
    "qualified": ("SELECT pg_catalog.nextval('q')", DmlNotAllowed),
    "own schema": ("SELECT s.nextval('q')", DmlNotAllowed),
    "another schema": ("SELECT other.nextval('q')", DmlNotAllowed),
    "last value": ("SELECT lastval()", DmlNotAllowed),
    "as a field": ("SELECT ('other.q').nextval", DmlNotAllowed),
    "as a column": ("SELECT x.nextval FROM concat('other.q') AS x", DmlNotAllowed),
    "as a column of JSON": (
        "SELECT x.nextval FROM json_array_elements_text('[]') x",
        DmlNotAllowed,
    ),
    "of another argument": ("SELECT setval('q', nextval('other.q'))", NoAuthority),
    "in FROM": ("SELECT * FROM nextval('other.q') AS x", NoAuthority),
    "in ROWS FROM": ("SELECT * FROM ROWS FROM (nextval('other.q'), nextval('q')) x", NoAuthority),
    "without an argument": ("SELECT nextval()", DmlNotAllowed),
    "its description": ("SELECT pg_sequence_last_value('q')", DmlNotAllowed),
    "its parameters": ("SELECT pg_sequence_parameters(1)", DmlNotAllowed),
    "of a column": ("SELECT pg_get_serial_sequence('t', 'a')", DmlNotAllowed),
    "as a relation": ("SELECT last_value FROM other.q", NoAuthority),
    "as an operator": ("SELECT 'q' OPERATOR(other.+) 1", DmlNotAllowed),
    "NEXT VALUE FOR": ("SELECT NEXT VALUE FOR other.q", SqlParseFailed),
}


@pytest.mark.parametrize("function", ["nextval({})", "currval({})", "setval({}, 1)"])
@pytest.mark.parametrize(("argument", "sequence"), OWN.values(), ids=OWN)
def test_an_own_sequence_is_found(function: str, argument: str, sequence: str) -> None:
    (statement,) = admit_dml(f"SELECT {function.format(argument)}", "s")
    assert statement.relations == {sequence}


@pytest.mark.parametrize("argument", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_sequence_is_nobodys(argument: str) -> None:
    with pytest.raises(NoAuthority, match="or it is not yours to use"):
        admit_dml(f"SELECT nextval({argument})", "s")
    with pytest.raises(NoAuthority, match="or it is not yours to use"):
        admit_ddl(f"CREATE TABLE t (a int DEFAULT nextval({argument}))")


@pytest.mark.parametrize("argument", UNCERTAIN.values(), ids=UNCERTAIN)
def test_what_may_name_anything_is_refused(argument: str) -> None:
    with pytest.raises(DmlNotAllowed, match="must be a literal such as 'orders'"):
        admit_dml(f"SELECT nextval({argument}) FROM t", "s")
    with pytest.raises(DmlNotAllowed, match="must be a literal such as 'orders'"):
        admit_dml(f"INSERT INTO t VALUES (setval({argument}, 1))", "s")


@pytest.mark.parametrize(("sql", "error"), AROUND.values(), ids=AROUND)
def test_there_is_no_way_round(sql: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        admit_dml(sql, "s")


def test_definitions_name_no_schema() -> None:
    (statement,) = admit_ddl("CREATE TABLE t (a int DEFAULT nextval('\"Q\"'))")
    assert statement.relations == {"t", "Q"}
    with pytest.raises(NoAuthority):
        admit_ddl("CREATE TABLE t (a int DEFAULT nextval('s.q'))")
    with pytest.raises(DdlNotAllowed, match="must be a literal"):
        admit_ddl("CREATE TABLE t (a int, b int DEFAULT nextval(a))")


@given(st.text("sqQ.\"_ \n\t$1éÉ;-'\v\u00a0", max_size=12))
def test_a_text_that_is_taken_means_one_name(text: str) -> None:
    """Read by PostgreSQL's own rules for identifiers, which regclass shares: never another one."""
    literal = "'" + text.replace("'", "''") + "'"
    try:
        (statement,) = admit_dml(f"SELECT nextval({literal})", "s")
    except (DmlNotAllowed, NoAuthority):
        return
    (as_relation,) = admit_dml(f"SELECT FROM {text}", "s")
    assert statement.relations == as_relation.relations
