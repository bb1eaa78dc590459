"""What the driver gives → JSON: exact, and never an error."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv4Interface, ip_network
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import row_to_json, to_json


def read(value: object) -> Any:
    """Through the answer's own JSON, as a client that keeps decimals exact reads it."""
    written = orjson.dumps({"value": to_json(value)})
    return json.loads(written, parse_float=Decimal)["value"]


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers(value: int) -> None:
    assert read(value) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_keep_every_digit(value: Decimal) -> None:
    """Also the zeros at the end: 1.50 is not 1.5."""
    told = Decimal(orjson.dumps(to_json(value)).decode())
    assert told == value
    assert told.as_tuple().exponent == min(value.as_tuple().exponent, 0)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats(value: float) -> None:
    assert json.loads(orjson.dumps(to_json(value))) == value


@given(st.binary())
def test_bytes_are_base64(value: bytes) -> None:
    assert b64decode(read(value), validate=True) == value


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text(value: str) -> None:
    assert read(value) == value


def test_values_are_what_they_were() -> None:
    nested = [[1, None], [Decimal("1.50"), "x"]]
    assert read(nested) == [[1, None], [Decimal("1.50"), "x"]]
    assert read(()) == []


def shape(kind: str, *arguments: Any, **options: Any) -> object:
    make: Callable[..., object] = getattr(asyncpg, kind)
    return make(*arguments, **options)


class Unknown:
    def __str__(self) -> str:
        return "as its text"


CASES: dict[str, tuple[object, object]] = {
    "null": (None, None),
    "true is no 1": (True, True),
    "NaN": (Decimal("NaN"), "NaN"),
    "Infinity": (Decimal("Infinity"), "Infinity"),
    "-Infinity": (Decimal("-Infinity"), "-Infinity"),
    "float NaN": (float("nan"), "NaN"),
    "float Infinity": (float("inf"), "Infinity"),
    "float -Infinity": (float("-inf"), "-Infinity"),
    "UUID": (UUID(int=255), "00000000-0000-0000-0000-0000000000ff"),
    "JSON as it came": (orjson.Fragment('{"a": 1e400, "a": [2.50]}'), {"a": [Decimal("2.50")]}),
    "address with its network": (IPv4Interface("10.0.0.1/24"), "10.0.0.1/24"),
    "network": (ip_network("10.0.0.0/8"), "10.0.0.0/8"),
    "range": (shape("Range", 1, 5), "[1,5)"),
    "range without ends": (shape("Range"), "(,)"),
    "range, closed": (shape("Range", 1, 5, lower_inc=False, upper_inc=True), "(1,5]"),
    "range, empty": (shape("Range", empty=True), "empty"),
    "range of decimals": (
        shape("Range", Decimal("1E-20"), Decimal("1.50")),
        "[0.00000000000000000001,1.50)",
    ),
    "range of moments": (
        shape("Range", "2024-01-01 00:00:00", "infinity"),
        '["2024-01-01 00:00:00",infinity)',
    ),
    "list of ranges": ([shape("Range", 1, 2), None], ["[1,2)", None]),
    "bits": (shape("BitString", "101010101"), "101010101"),
    "no bits": (shape("BitString", ""), ""),
    "point": (shape("Point", 1, -2.5), "(1,-2.5)"),
    "box": (shape("Box", (2, 2), (0, 0)), "(2,2),(0,0)"),
    "line": (shape("Line", 1, 2, 3), "{1,2,3}"),
    "line segment": (shape("LineSegment", (0, 0), (1, 1)), "[(0,0),(1,1)]"),
    "path": (shape("Path", (0, 0), (1, 1), is_closed=True), "((0,0),(1,1))"),
    "open path": (shape("Path", (0, 0), (1, 1)), "[(0,0),(1,1)]"),
    "polygon": (shape("Polygon", (0, 0), (1, 1), (1, 0)), "((0,0),(1,1),(1,0))"),
    "circle": (shape("Circle", (0, 0), 2.5), "<(0,0),2.5>"),
    "huge point": (shape("Point", 1e300, 1e-7), "(1e+300,1e-07)"),
    "unknown": (Unknown(), "as its text"),
}


@pytest.mark.parametrize("case", CASES)
def test_value(case: str) -> None:
    value, expected = CASES[case]
    assert read(value) == expected


@dataclass
class FakeRecord:
    """What asyncpg's Record is to a row value: names and values in order."""

    pairs: list[tuple[str, object]]

    def items(self) -> list[tuple[str, object]]:
        return self.pairs


FakeRecord.__name__ = "Record"


def test_a_row_value_keeps_its_names() -> None:
    row = FakeRecord([("id", 1), ("price", Decimal("1.50"))])
    assert read(row) == {"id": 1, "price": Decimal("1.50")}


def test_of_two_columns_of_one_name_the_last_is_told() -> None:
    row = row_to_json([("id", 1), ("name", "x"), ("id", Decimal("2.0"))])
    assert orjson.loads(orjson.dumps(row)) == {"id": 2.0, "name": "x"}
