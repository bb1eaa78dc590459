"""What the contract's fields accept, and as what; what they refuse is in tests/http."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api import fields
from domain.schema import Environment


def read(field: Any, value: object) -> Any:
    return TypeAdapter(field).validate_python(value)


# As they come from clients: other platforms' ids, mail addresses, names in any script but one.
UIDS = (
    "1",
    "U1",
    "u" * 64,
    "prod",
    "test",
    "prod_test",
    "product-team",
    "a25c42f6-1b9c-4f8e-8a54-0a5c6d0b3c4d",
    "o'brien",
    'quo"ted',
    "; DROP TABLE t; --",
    "\\",
    "two words",
    "user.name+tag",
    "Ünïcödé",
    "пользователь",
    "😀",
    "/slash?",
)


@pytest.mark.parametrize("uid", UIDS)
def test_uid(uid: str) -> None:
    assert read(fields.Uid, uid) == uid


SPACES = {"77": "77", "": None, None: None, 77: "77", "team a": "team a", "0": "0", 0: "0"}


@pytest.mark.parametrize(("given", "expected"), SPACES.items(), ids=repr)
def test_space_id(given: object, expected: str | None) -> None:
    assert read(fields.SpaceId, given) == expected


@given(st.integers(1, fields.MOST_DATABASE_ID))
def test_database_id(number: int) -> None:
    assert read(fields.DatabaseId, number) == number
    assert read(fields.DatabaseId, str(number)) == number


@given(st.one_of(st.booleans(), st.floats(), st.text(), st.none(), st.binary()))
def test_nothing_else_is_an_id(value: object) -> None:
    """Text is one only where it is written in ASCII digits."""
    is_id = isinstance(value, str) and value.isascii() and value.isdigit() and int(value) > 0
    if is_id:
        assert read(fields.DatabaseId, value) == int(str(value))
    else:
        with pytest.raises(ValidationError):
            read(fields.DatabaseId, value)


@given(st.from_regex(r"\A[a-zA-Z][a-zA-Z0-9_]{0,19}\Z"))
def test_database_name(name: str) -> None:
    assert read(fields.DatabaseName, name) == name


@pytest.mark.parametrize("name", ["orders_副本", "a", "-", "_", "заказы", "副" * 64, "1st"])
def test_copy_name(name: str) -> None:
    assert read(fields.CopyName, name) == name


@pytest.mark.parametrize(
    ("field", "absent"),
    [
        pytest.param(fields.Description, "", id="description"),
        pytest.param(fields.NewDescription, None, id="new description"),
        pytest.param(fields.NameFilter, "", id="name filter"),
        pytest.param(fields.Cursor, None, id="cursor"),
    ],
)
def test_null_is_as_absent(field: Any, absent: object) -> None:
    assert read(field, None) == absent


def test_description_is_counted_in_characters() -> None:
    longest = "描述\n" * 66 + "😀😀"
    assert len(longest) == 200
    assert read(fields.Description, longest) == longest


def test_environment() -> None:
    assert [read(fields.EnvironmentName, name) for name in ("prod", "test")] == [
        Environment.PROD,
        Environment.TEST,
    ]


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_sql_is_left_as_it_is(sql: str) -> None:
    assert read(fields.SqlText, sql) == sql
