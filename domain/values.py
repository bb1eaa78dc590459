"""A value as the driver gives it → a value that JSON carries exactly.

Moments arrive as text already (``domain.moments``), json and jsonb as ``orjson.Fragment``.
Numbers that JSON lacks (NaN, Infinity) become strings; bytes become base64; ranges, network
addresses, bits and shapes become the text that PostgreSQL reads back; arrays and multiranges
become lists of their elements, rows of a table objects, other rows lists.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable
from decimal import Decimal
from math import isfinite, isnan
from typing import Protocol

import orjson

AS_THEY_ARE = frozenset({str, int, bool, type(None), orjson.Fragment})
"""Classes of values that JSON carries."""

TYPES_AS_THEY_ARE = frozenset(
    {"int2", "int4", "int8", "bool", "text", "varchar", "bpchar", "name", "json", "jsonb"}
    | {"date", "time", "timetz", "timestamp", "timestamptz", "interval"}
)
"""PostgreSQL's types of which every value is of such a class."""


class RangeValue(Protocol):
    """The driver's range: ``lower``/``upper`` None means without bound."""

    isempty: bool
    lower: object
    upper: object
    lower_inc: bool
    upper_inc: bool


def to_json(value: object) -> object:
    """Raises nothing: what has no rule of its own is given as its text."""
    kind = type(value)
    if kind in AS_THEY_ARE:
        return value
    convert = _CONVERTERS.get(kind.__name__)
    return convert(value) if convert is not None else str(value)


def numbers_of_vector(value: str) -> object:
    """Of pgvector's types the driver knows the text only: ``[1,2.5]``."""
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:  # a type of the tenant's that is called the same
        return value


def row_to_json(record: Iterable[tuple[str, object]]) -> dict[str, object]:
    return {name: value if type(value) in AS_THEY_ARE else to_json(value) for name, value in record}


def _decimal(value: Decimal) -> object:
    return orjson.Fragment(format(value, "f")) if value.is_finite() else str(value)


def _float(value: float) -> object:
    if isfinite(value):
        return value
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _bytes(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def _sequence(values: Iterable[object]) -> list[object]:
    return [to_json(value) for value in values]


def _composite(value: Iterable[object]) -> object:
    """A row value keeps its field names where the driver knows them."""
    items = getattr(value, "items", None)
    return row_to_json(items()) if items is not None else _sequence(value)


def _bound(value: object) -> str:
    if value is None:
        return ""
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return f'"{text}"' if " " in text else text


def _range(value: RangeValue) -> str:
    if value.isempty:
        return "empty"
    opening = "[" if value.lower_inc else "("
    closing = "]" if value.upper_inc else ")"
    return f"{opening}{_bound(value.lower)},{_bound(value.upper)}{closing}"


def _bits(value: object) -> str:
    return str(getattr(value, "as_string")()).replace(" ", "")  # noqa: B009 - the driver's type has no protocol


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


def _shape(opening: str, closing: str) -> Callable[[Iterable[object]], str]:
    def convert(value: Iterable[object]) -> str:
        parts = [_number(part) if isinstance(part, float) else str(to_json(part)) for part in value]
        return f"{opening}{','.join(parts)}{closing}"

    return convert


def _path(value: Iterable[object]) -> str:
    closed = bool(getattr(value, "is_closed", True))
    return _shape("(", ")")(value) if closed else _shape("[", "]")(value)


class CircleValue(Protocol):
    center: tuple[float, float]
    radius: float


def _circle(value: CircleValue) -> str:
    x, y = value.center
    return f"<({_number(x)},{_number(y)}),{_number(value.radius)}>"


# Keyed by the type's name: the driver's own types stay the driver's business.
_CONVERTERS: dict[str, Callable[..., object]] = {
    "float": _float,
    "Decimal": _decimal,
    "UUID": str,
    "bytes": _bytes,
    "list": _sequence,
    "tuple": _sequence,
    "Record": _composite,
    "Range": _range,
    "BitString": _bits,
    "Point": _shape("(", ")"),
    "Box": _shape("", ""),
    "Path": _path,
    "Polygon": _shape("(", ")"),
    "LineSegment": _shape("[", "]"),
    "Line": _shape("{", "}"),
    "Circle": _circle,
}

CONVERTERS_OF_TYPES: dict[str, Callable[..., object]] = {
    "float4": _float,
    "float8": _float,
    "numeric": _decimal,
    "uuid": str,
    "bytea": _bytes,
}
"""What ``to_json`` would find out of each value, NULL apart, by PostgreSQL's type."""
