"""A schema's name in the body of a function."""

import pytest

from domain.identifiers import Identifier
from domain.renaming import renamed, with_names_renamed
from exceptions.errors import CloneNotPossible

NAMES = {"prod_1": Identifier("prod_2"), "test_1": Identifier("test_2")}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("SELECT 1", "SELECT 1"),
        ("SELECT a FROM prod_1.t", "SELECT a FROM prod_2.t"),
        ("SELECT a FROM PROD_1 . t -- prod_1.t", "SELECT a FROM prod_2 . t -- prod_1.t"),
        ('SELECT a FROM "prod_1"."t"', 'SELECT a FROM "prod_2"."t"'),
        ("SELECT prod_1.t.a, é.prod_1 FROM prod_1.t", "SELECT prod_2.t.a, é.prod_1 FROM prod_2.t"),
        ("SELECT a AS prod_1 FROM production.t", "SELECT a AS prod_1 FROM production.t"),
        ("SELECT prod_1.f(), test_1.f()", "SELECT prod_2.f(), test_2.f()"),
        ("SELECT 'prod_10.t'", "SELECT 'prod_10.t'"),
        ("BEGIN /* prod_1 */ x := prod_1.f($1); END", "BEGIN /* prod_1 */ x := prod_2.f($1); END"),
        ("EXECUTE 'SELECT ''a'' FROM prod_1.t'", "EXECUTE 'SELECT ''a'' FROM prod_2.t'"),
        ("EXECUTE $x$ SELECT 'é', prod_1.f() $x$", "EXECUTE $x$ SELECT 'é', prod_2.f() $x$"),
        ("EXECUTE format('%I.t', 'prod_1')", "EXECUTE format('%I.t', 'prod_2')"),
        ("SELECT nextval('prod_1.s'::regclass)", "SELECT nextval('prod_2.s'::regclass)"),
        ("SET LOCAL search_path TO prod_1", "SET LOCAL search_path TO prod_2"),
        (
            'SET search_path = x, PROD_1, "test_1"; SELECT prod_1',
            'SET search_path = x, prod_2, "test_2"; SELECT prod_1',
        ),
        (
            "EXECUTE 'SET search_path TO prod_1, public'",
            "EXECUTE 'SET search_path TO prod_2, public'",
        ),
        (
            "set_config('search_path', ' prod_1, x', true)",
            "set_config('search_path', ' prod_2, x', true)",
        ),
        (
            "set_config('search_path','\"test_1\",x', true)",
            "set_config('search_path','\"test_2\",x', true)",
        ),
        (
            "EXECUTE 'GRANT USAGE ON SCHEMA prod_1 TO x'",
            "EXECUTE 'GRANT USAGE ON SCHEMA prod_2 TO x'",
        ),
        ("path := 'prod_1,pg_temp,' || path", "path := 'prod_2,pg_temp,' || path"),
        ("EXECUTE E'SELECT a\\n\\tFROM prod_1.t'", "EXECUTE E'SELECT a\\n\\tFROM prod_2.t'"),
        (r"e'\'x\\\' || prod_1.f()'", r"e'\'x\\\' || prod_2.f()'"),
        (r"E'SELECT\nprod_1.f(''a'')'", r"E'SELECT\nprod_2.f(''a'')'"),
        (r"E'SELECT \'x\\\', prod_1.f()'", r"E'SELECT \'x\\\', prod_2.f()'"),
        (
            "RAISE EXCEPTION 'not in prod_1: %', 'prod_1.t'",
            "RAISE EXCEPTION 'not in prod_1: %', 'prod_2.t'",
        ),
        ("search_path := prod_1 || to", "search_path := prod_1 || to"),
    ],
)
def test_names_are_renamed_and_nothing_else(body: str, expected: str) -> None:
    assert renamed(body, NAMES) == expected


@pytest.mark.parametrize(
    "body",
    [
        "SELECT 'it is in prod_1'",
        "RAISE NOTICE 'it is in %', 'that is prod_1'",
        r"SELECT E'prod\x5f1.t, prod_1.t'",
        r"SELECT E'it is in\tprod_1'",
        "SELECT U&'prod_1.t'",
        "SELECT prod_1.f('",
        "SELECT a FROM prod_10.t",
        'SELECT a FROM "test_10" . t',
        "SET search_path TO prod_10",
        "set_config('search_path', 'my prod_1', true)",
    ],
)
def test_what_nobody_can_tell_is_refused(body: str) -> None:
    with pytest.raises(CloneNotPossible, match="Nothing was copied"):
        renamed(body, NAMES)


def test_a_name_that_needs_quotes_gets_them() -> None:
    assert renamed("SELECT prod_1.f()", {"prod_1": Identifier("Prod 2")}) == 'SELECT "Prod 2".f()'


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT 'prod_1.s', 'prod_1'", "SELECT 'prod_1.s', 'prod_1'"),
        ("nextval(('prod_1.s'::text)::regclass)", "nextval(('prod_2.s'::text)::regclass)"),
        ("SELECT 'prod_1.\"a b\"'::regclass", "SELECT 'prod_2.\"a b\"'::regclass"),
        # A table of this name.
        ("SELECT 'prod_1'::regclass", "SELECT 'prod_1'::regclass"),
        ("SELECT ('prod_1'::text)::regclass", "SELECT ('prod_1'::text)::regclass"),
        ("SELECT 'prod_1'::regnamespace", "SELECT 'prod_2'::regnamespace"),
        ("SELECT to_regclass('prod_1.t'::text)", "SELECT to_regclass('prod_2.t'::text)"),
        ("SELECT to_regnamespace('test_1'::text)", "SELECT to_regnamespace('test_2'::text)"),
        (
            "SELECT pg_get_serial_sequence('prod_1.t'::text, 'prod_1.t'::text)",
            "SELECT pg_get_serial_sequence('prod_2.t'::text, 'prod_1.t'::text)",
        ),
        ("(TEMPLATE = t, dictionary = 'prod_1.d')", "(TEMPLATE = t, dictionary = 'prod_2.d')"),
        (
            "CREATE TRIGGER t WHEN (a <> 'prod_1') EXECUTE FUNCTION f('prod_1', 'prod_1.b', 'x')",
            "CREATE TRIGGER t WHEN (a <> 'prod_1') EXECUTE FUNCTION f('prod_2', 'prod_2.b', 'x')",
        ),
        ("SELECT prod_1 FROM prod_1.t", "SELECT prod_1 FROM prod_1.t"),
    ],
)
def test_of_a_definition_what_is_looked_up_is_renamed(statement: str, expected: str) -> None:
    assert with_names_renamed(statement, NAMES) == expected


def test_what_nobody_can_tell_of_an_argument_is_refused() -> None:
    with pytest.raises(CloneNotPossible, match="Nothing was copied"):
        with_names_renamed("CREATE TRIGGER t EXECUTE FUNCTION f('it is in prod_1')", NAMES)
