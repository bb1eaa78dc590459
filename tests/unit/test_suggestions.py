"""What is said to whoever named a table or a column that is not there."""

import pytest

from domain.schema import Environment
from domain.suggestions import PairNames, is_of_a_name, suggestion
from exceptions.errors import SqlDetails

NAMES: PairNames = {
    Environment.PROD: {"items": ["id", "uid", "name", "unit_price"], "Orders": ["id", "uid"]},
    Environment.TEST: {"items": ["id", "uid", "name"], "drafts": ["id", "uid"]},
}

TABLES = [
    ("SELECT * FROM itms", "itms", 'Perhaps you mean "items".'),
    (
        "SELECT * FROM orders",
        "orders",
        'Perhaps you mean "Orders", which must be written in double quotes.',
    ),
    ("SELECT * FROM prod_1.item", "prod_1", 'Perhaps you mean "items".'),
    ("SELECT * FROM drafts", "drafts", "It is in test, not in prod."),
    ("SELECT * FROM zzz", "zzz", 'The tables of prod are "Orders", "items".'),
    ('SELECT * FROM "Itemz"', '"Itemz"', 'Perhaps you mean "items".'),
]


@pytest.mark.parametrize(("sql", "at", "expected"), TABLES)
def test_tables(sql: str, at: str, expected: str) -> None:
    details = SqlDetails(sqlstate="42P01", offset=sql.index(at))
    assert is_of_a_name(details)
    assert suggestion(details, sql, Environment.PROD, NAMES) == expected


COLUMNS = [
    ("SELECT unitprice FROM items", "unitprice", 'Perhaps you mean "unit_price".'),
    ("SELECT i.nme FROM items AS i", "i.nme", 'Perhaps you mean "name".'),
    (
        "SELECT qqq FROM items",
        "qqq",
        'The columns are "id", "name", "uid", "unit_price".',
    ),
    ("SELECT '\u526f\u672c', nam FROM items", "nam", 'Perhaps you mean "name".'),
    ("SELECT qqq", "qqq", None),
]


@pytest.mark.parametrize(("sql", "at", "expected"), COLUMNS)
def test_columns(sql: str, at: str, expected: str | None) -> None:
    details = SqlDetails(sqlstate="42703", offset=sql.index(at))
    assert suggestion(details, sql, Environment.PROD, NAMES) == expected


def test_without_tables() -> None:
    sql = "SELECT * FROM items"
    details = SqlDetails(sqlstate="42P01", offset=sql.index("items"))
    empty: PairNames = {Environment.PROD: {}, Environment.TEST: {}}
    told = suggestion(details, sql, Environment.PROD, empty)
    assert told == "There are no tables in prod yet: exec_ddl creates them."


def test_postgresqls_own_hint_comes_first() -> None:
    assert not is_of_a_name(SqlDetails(sqlstate="42703", offset=7, hint="Perhaps …"))
    assert not is_of_a_name(SqlDetails(sqlstate="23505", offset=7))
    assert not is_of_a_name(SqlDetails(sqlstate="42P01"))
