"""A schema's name in the body of a function."""

import pytest

from domain.identifiers import Identifier
from domain.renaming import renamed
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
    ],
)
def test_names_are_renamed_and_nothing_else(body: str, expected: str) -> None:
    assert renamed(body, NAMES) == expected


@pytest.mark.parametrize(
    "body",
    [
        "SELECT 'it is in prod_1'",
        "SELECT E'prod_1.t'",
        "SELECT U&'prod_1.t'",
        "SELECT prod_1.f('",
        "SELECT a FROM prod_10.t",
        'SELECT a FROM "test_10" . t',
    ],
)
def test_what_nobody_can_tell_is_refused(body: str) -> None:
    with pytest.raises(CloneNotPossible, match="Nothing was copied"):
        renamed(body, NAMES)


def test_a_name_that_needs_quotes_gets_them() -> None:
    assert renamed("SELECT prod_1.f()", {"prod_1": Identifier("Prod 2")}) == 'SELECT "Prod 2".f()'
