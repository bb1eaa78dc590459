"""nextval and its like: a text that names a sequence is read as PostgreSQL reads it, or refused."""

from time import process_time

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


GUARDED = {
    "plain": ("SELECT nextval('q')", "SELECT twinbase_functions.nextval('q')"),
    "each": (
        "INSERT INTO t VALUES (setval('q', currval('r')), '中', NEXTVAL('q'))",
        "INSERT INTO t VALUES (twinbase_functions.setval('q', twinbase_functions.currval('r')), '中', twinbase_functions.NEXTVAL('q'))",
    ),
    "quoted": (
        "SELECT \"nextval\"('q'), U&\"\\006eextval\"('q')",
        "SELECT twinbase_functions.\"nextval\"('q'), twinbase_functions.U&\"\\006eextval\"('q')",
    ),
    "in FROM": (
        "SELECT * FROM nextval('q'), ROWS FROM (nextval('q')) AS x",
        "SELECT * FROM twinbase_functions.nextval('q'), ROWS FROM (twinbase_functions.nextval('q')) AS x",
    ),
    "with a parameter": (
        "SELECT $7, setval('q', $5), $7",
        "SELECT $2, twinbase_functions.setval('q', $1), $2",
    ),
    "one source, two targets": (
        "UPDATE t SET (a, b) = (nextval('q'), 1)",
        "UPDATE t SET (a, b) = (twinbase_functions.nextval('q'), 1)",
    ),
    "a name like it": ("SELECT 'nextval', a.nextval AS nextval FROM t AS a", None),
}


@pytest.mark.parametrize(("sql", "text"), GUARDED.values(), ids=GUARDED)
def test_the_guarded_functions_are_called(sql: str, text: str | None) -> None:
    (_, statement) = admit_dml(f"SELECT '中'; {sql}", "s")
    assert statement.text == (text or sql)
    for word in ("'q'", "'中'", "AS"):
        if word in sql:
            sent = statement.position_as_sent(statement.text.index(word)) - statement.offset
            assert sent == sql.index(word)


def test_the_guarded_functions_are_called_in_definitions() -> None:
    sql = "CREATE TABLE t (a int DEFAULT nextval('q'), b serial CHECK (b <> 0))"
    (statement,) = admit_ddl(sql)
    assert statement.text == sql.replace("nextval", "twinbase_functions.nextval")
    assert statement.position_as_sent(statement.text.index("CHECK")) == sql.index("CHECK")
    assert statement.sent == sql


def test_many_functions_are_guarded_soon() -> None:
    started = process_time()
    (statement,) = admit_dml("SELECT " + ", ".join(["nextval('q')"] * 20_000), "s")
    assert statement.text.count("twinbase_functions.nextval") == 20_000
    assert process_time() - started < 10


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
