"""The values of exec_dml's ``params``: which placeholder gets which, and in what form it is bound.

A value is bound as PostgreSQL's own description of its placeholder asks. For the types of
``_FORMS`` it is bound as itself; every other type PostgreSQL reads from text, so that each type
that it knows can be given, and it is PostgreSQL who says what is wrong with one.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isinf

import orjson

from exceptions.errors import InvalidParameter

Params = Sequence[object] | Mapping[str, object]

_LITERALS_READ_ALIKE = frozenset({"int2", "int4", "int8", "bool", "text", "varchar", "bpchar"})

_DIGITS = re.compile(r"\s*[+-]?[0-9]+\s*", re.ASCII)
_DIGITS_BEFORE, _LAST_BEHIND = 131_072, -16_383
_NUMBERS = frozenset({int, float})

_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0"})


def values_of(keys: Sequence[int | str], params: Params) -> list[object]:
    """For a statement's placeholders, whose keys the gate has found in its text."""
    if isinstance(params, Mapping):
        return [params[str(key)] for key in keys]
    return [params[int(key) - 1] for key in keys]


def check_count(statements: Sequence[Sequence[int | str]], params: Params | None) -> None:
    """Raises InvalidParameter where a list holds more or fewer values than there are placeholders.

    ``statements``: the keys of each statement's placeholders. A name that no statement uses is
    let pass; one that is missing, the gate has told of already.
    """
    if isinstance(params, Mapping):
        return
    given = len(params or ())
    asked = max((int(key) for keys in statements for key in keys), default=0)
    if asked > given:
        raise InvalidParameter(f"params: ${asked} is not given; there are {given} values.")
    if asked < given:
        raise InvalidParameter(f"params: {given} values are given; the SQL uses {asked}.")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One value to bind; ``type`` is the name of PostgreSQL's type, ``int4`` or ``int4[]``."""

    key: int | str
    type: str

    def describe(self) -> str:
        return f"${self.key}" if isinstance(self.key, int) else f":{self.key}"


def is_bound_as_itself(type_name: str) -> bool:
    return type_name in _FORMS


def is_literal_bound_as_itself(type_name: str) -> bool:
    """Of what stood in the SQL: only where PostgreSQL reads the same that we do.

    Raises InvalidParameter for an interval, whose column says what a plain number in it counts.
    """
    if type_name == "interval":
        raise InvalidParameter
    return type_name in _LITERALS_READ_ALIKE


def as_itself(value: object, placeholder: Placeholder) -> object:
    """For a type of which ``is_bound_as_itself`` is true. Raises InvalidParameter."""
    if value is None:
        return None
    form = _FORMS[placeholder.type]
    try:
        return form.convert(value)
    except (ValueError, TypeError, ArithmeticError):
        raise InvalidParameter(
            f"params: {placeholder.describe()} must be {form.words}, since it is {placeholder.type}"
            " to PostgreSQL."
        ) from None


def as_text(value: object, placeholder: Placeholder) -> str | None:
    """What PostgreSQL shall read as the placeholder's type. Raises InvalidParameter."""
    if value is None:
        return None
    try:
        return _as_text(value, placeholder)
    except (ValueError, TypeError, RecursionError):
        raise InvalidParameter(
            f"params: {placeholder.describe()} cannot be read as {placeholder.type}."
        ) from None


def _as_text(value: object, placeholder: Placeholder) -> str:
    if isinstance(value, list) and placeholder.type.endswith("[]"):
        return _array_text(value, placeholder)
    if isinstance(value, list) and placeholder.type.endswith("multirange"):
        return "{" + ",".join(str(part) for part in value) + "}"
    return _scalar_text(value, placeholder)


def _scalar_text(value: object, placeholder: Placeholder) -> str:
    if isinstance(value, str):
        if placeholder.type == "bytea[]":
            return "\\x" + as_bytes(value).hex()
        return value
    return orjson.dumps(value).decode()


def _array_text(values: list[object], placeholder: Placeholder) -> str:
    """As PostgreSQL writes arrays: every element in quotes, so that none is read as a mark."""
    if all(type(value) in _NUMBERS for value in values) and not _holds_json(placeholder):
        return "{" + orjson.dumps(values)[1:-1].decode() + "}"
    parts = []
    for value in values:
        if isinstance(value, list) and not _holds_json(placeholder):
            parts.append(_array_text(value, placeholder))
        elif value is None:
            parts.append("NULL")
        else:
            text = _json_element(value, placeholder)
            escaped = text.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'"{escaped}"')
    return "{" + ",".join(parts) + "}"


def _holds_json(placeholder: Placeholder) -> bool:
    return placeholder.type in {"json[]", "jsonb[]"}


def _json_element(value: object, placeholder: Placeholder) -> str:
    if _holds_json(placeholder):
        return orjson.dumps(value).decode()
    return _scalar_text(value, placeholder)


def as_bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return b64decode(value, validate=True)


def _integer(bits: int) -> Callable[[object], int]:
    most = 2 ** (bits - 1)

    def convert(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str | float):
            raise TypeError("not a number")
        if isinstance(value, str) and not _DIGITS.fullmatch(value):
            raise ValueError("not digits")
        number = int(value)
        if number != value and not isinstance(value, str):
            raise ValueError("has a fraction")
        if not -most <= number < most:
            raise ValueError("out of range")
        return number

    return convert


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | str | float):
        raise TypeError("not a number")
    number = float(value)
    if isinf(number) and not (isinstance(value, str) and "inf" in value.lower()):
        raise ValueError("out of range")
    return number


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | float):
        raise TypeError("not a number")
    number = Decimal(repr(value) if isinstance(value, float) else value)
    if number.is_snan() or (number.is_finite() and not _fits(number)):
        raise ValueError("out of range")
    return number


def _fits(number: Decimal) -> bool:
    """Digits before and behind the point that PostgreSQL's numeric has room for."""
    behind = number.as_tuple().exponent
    return number.adjusted() < _DIGITS_BEFORE and isinstance(behind, int) and behind >= _LAST_BEHIND


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("neither true nor false")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return orjson.dumps(value).decode()
    raise TypeError("not a text")


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


@dataclass(frozen=True, slots=True)
class _Form:
    words: str
    convert: Callable[[object], object]


_INTEGER = "an integer of {} bits, or one in a string"

_FORMS: Mapping[str, _Form] = {
    "bool": _Form("true or false", _truth),
    "int2": _Form(_INTEGER.format(16), _integer(16)),
    "int4": _Form(_INTEGER.format(32), _integer(32)),
    "int8": _Form(_INTEGER.format(64), _integer(64)),
    "float4": _Form("a number, or one in a string", _number),
    "float8": _Form("a number, or one in a string", _number),
    "numeric": _Form("a number, or one in a string", _decimal),
    "text": _Form("a string, a number, true or false", _text),
    "varchar": _Form("a string, a number, true or false", _text),
    "bpchar": _Form("a string, a number, true or false", _text),
    "name": _Form("a string, a number, true or false", _text),
    "json": _Form("a JSON value", _json),
    "jsonb": _Form("a JSON value", _json),
    "bytea": _Form("bytes in base64, in a string", as_bytes),
}
