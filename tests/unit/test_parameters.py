"""JSON values in the form that PostgreSQL's description of a placeholder asks for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.parameters import (
    Placeholder,
    as_itself,
    as_text,
    check_count,
    is_bound_as_itself,
    values_of,
)
from exceptions.errors import InvalidParameter

BOUND_AS_THEMSELVES = [
    ("int4", 20, 20),
    ("int4", "20", 20),
    ("int4", 20.0, 20),
    ("int8", 2**63 - 1, 2**63 - 1),
    ("int2", -(2**15), -(2**15)),
    ("float8", 1, 1.0),
    ("float8", "-Infinity", float("-inf")),
    ("numeric", "0.10000000000000000000000000001", Decimal("0.10000000000000000000000000001")),
    ("numeric", 1.1, Decimal("1.1")),
    ("numeric", "-Infinity", Decimal("-Infinity")),
    ("numeric", 10**30, Decimal(10**30)),
    ("bool", True, True),
    ("bool", "true", True),
    ("bool", " OFF ", False),
    ("bool", 0, False),
    ("text", "O'Neill", "O'Neill"),
    ("varchar", 5, "5"),
    ("text", False, "false"),
    ("jsonb", {"a": [1, None]}, '{"a":[1,null]}'),
    ("json", "text", '"text"'),
    ("bytea", "AP8=", b"\x00\xff"),
    ("int4", None, None),
    ("jsonb", None, None),
]


@pytest.mark.parametrize(("type_", "value", "expected"), BOUND_AS_THEMSELVES)
def test_as_itself(type_: str, value: object, expected: object) -> None:
    assert is_bound_as_itself(type_)
    found = as_itself(value, Placeholder(1, type_))
    assert found == expected
    assert type(found) is type(expected)


REFUSED = [
    ("int4", 2**31),
    ("int4", "2147483648"),
    ("int4", 1.5),
    ("int4", True),
    ("int4", "abc"),
    ("int4", [1]),
    ("int4", float("inf")),
    ("int8", 2**63),
    ("float8", "one"),
    ("float8", False),
    ("numeric", "1,5"),
    ("numeric", {}),
    ("bool", "perhaps"),
    ("bool", 2),
    ("bool", None.__class__),
    ("numeric", "1e200000"),
    ("numeric", "1e100000000"),
    ("numeric", "1e-16384"),
    ("numeric", "sNaN"),
    ("float8", "1e999"),
    ("int4", "1_000"),
    ("int4", "٣"),
    ("text", ["a"]),
    ("text", {"a": 1}),
    ("bytea", "not base64!"),
    ("bytea", 5),
]


@pytest.mark.parametrize(("type_", "value"), REFUSED)
def test_refused(type_: str, value: object) -> None:
    with pytest.raises(InvalidParameter) as refused:
        as_itself(value, Placeholder("price", type_))
    assert refused.value.message.startswith("params: :price must be ")
    assert type_ in refused.value.message


READ_BY_POSTGRESQL = [
    ("timestamptz", "2026-01-31 09:30:00+08", "2026-01-31 09:30:00+08"),
    ("date", 20260131, "20260131"),
    ("int4[]", [1, None, 3], '{"1",NULL,"3"}'),
    ("int4[]", [[1, 2], [3, 4]], "{{1,2},{3,4}}"),
    ("text[]", ['a "b"', "c\\d", "NULL", ""], '{"a \\"b\\"","c\\\\d","NULL",""}'),
    ("bool[]", [True], '{"true"}'),
    ("bytea[]", ["AP8="], '{"\\\\x00ff"}'),
    ("jsonb[]", [{"a": [1]}, [2]], '{"{\\"a\\":[1]}","[2]"}'),
    ("mood", "happy", "happy"),
    ("timestamptz", None, None),
    ("int4[]", [], "{}"),
]


@pytest.mark.parametrize(("type_", "value", "expected"), READ_BY_POSTGRESQL)
def test_as_text(type_: str, value: object, expected: str | None) -> None:
    assert not is_bound_as_itself(type_)
    assert as_text(value, Placeholder(1, type_)) == expected


@given(keys=st.lists(st.integers(min_value=1, max_value=5), max_size=8))
def test_each_placeholder_gets_its_value(keys: list[int]) -> None:
    params = [f"value {number}" for number in range(1, 6)]
    assert values_of(keys, params) == [f"value {key}" for key in keys]
    names = [str(key) for key in keys]
    assert values_of(names, {str(n): n for n in range(1, 6)}) == keys


def test_counts() -> None:
    check_count([(1,), (3, 1)], ["a", "b", "c"])
    check_count([()], None)
    check_count([("a",)], {"a": 1, "b": 2})
    with pytest.raises(InvalidParameter, match=r"\$3 is not given; there are 2 values"):
        check_count([(1,), (3,)], ["a", "b"])
    with pytest.raises(InvalidParameter, match="2 values are given; the SQL uses 1"):
        check_count([(1,)], ["a", "b"])
    with pytest.raises(InvalidParameter, match=r"\$1 is not given; there are 0 values"):
        check_count([(1,)], None)
