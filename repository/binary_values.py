"""Values in PostgreSQL's binary form, of types of which asyncpg knows the text only.

Inside a row PostgreSQL sends every value in the form of the whole answer, which is binary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from struct import Struct, calcsize, unpack_from

import asyncpg

_REAL = Struct("!f")
_SMALLEST_NORMAL_REAL = 2.0**-126
_DIGITS_OF_NORMAL_REALS = (6, 7, 8)  # six survive in any case, nine tell any two apart
_DIGITS_OF_OTHERS = range(1, 9)

_VECTORS_HEAD = Struct("!HH")

_WEIGHTS = "DCBA"  # of lexemes, by number; at a position D goes without saying
_BITS_OF_A_POSITION = 14
_IS_LEXEME = 1
_NOT, _PHRASE = "!", " <-> "
_OPERATORS = {1: (_NOT, 4), 2: (" & ", 2), 3: (" | ", 1), 4: (_PHRASE, 3)}
"""How tight each binds, too."""


class TextOnly(str):
    """A value whose binary form is nobody's business but the server's."""

    __slots__ = ()


def refuse_text_inside(values: Sequence[object]) -> Sequence[object]:
    """A row's values, unless one of them was read as text, which it is not inside a row."""
    if any(type(value) is TextOnly for value in values):
        raise asyncpg.UnsupportedClientFeatureError("a text form inside a row")
    return values


def real(data: bytes) -> float:
    """The shortest number that is the same four bytes, as PostgreSQL writes it.

    1.1::real widened to a double would be 1.100000023841858.
    """
    (value,) = _REAL.unpack(data)
    return _shortest(value) if isfinite(value) else float(value)


def _shortest(value: float) -> float:
    is_normal = abs(value) >= _SMALLEST_NORMAL_REAL
    same = _REAL.pack(value)
    for digits in _DIGITS_OF_NORMAL_REALS if is_normal else _DIGITS_OF_OTHERS:
        number = float(f"{value:.{digits}g}")
        if _REAL.pack(number) == same and not _is_midway(number, value):
            return number
    return float(f"{value:.9g}")


def _is_midway(number: float, value: float) -> bool:
    """To the next real: it would be read as ``value``, but PostgreSQL does not write it so."""
    next_real = value + 2 * (number - value)
    return number != value and bool(_REAL.unpack(_REAL.pack(next_real))[0] == next_real)


def real_of(value: float) -> bytes:
    try:
        return _REAL.pack(value)
    except OverflowError:
        raise OverflowError("out of range for type real") from None


def hardware_address(data: bytes) -> str:
    """Of six bytes or of eight."""
    return data.hex(":")


def vector(data: bytes) -> list[float]:
    """pgvector's, whose text says 1 where a number is whole."""
    return _numbers(data, "f")


def half_vector(data: bytes) -> list[float]:
    return _numbers(data, "e")


def _numbers(data: bytes, kind: str) -> list[float]:
    count, _ = _VECTORS_HEAD.unpack_from(data)
    numbers = map(_shortest, unpack_from(f"!{count}{kind}", data, _VECTORS_HEAD.size))
    return [int(number) if number.is_integer() else number for number in numbers]


VECTORS = {"vector": vector, "halfvec": half_vector}
"""Pgvector's, by name."""


def text_vector(data: bytes) -> str:
    """A tsvector as PostgreSQL writes it: ``'a':1A,2 'b'``."""
    parts = _Parts(data)
    return " ".join(_lexeme(parts) for _ in range(parts.take("i")))


def _lexeme(parts: "_Parts") -> str:
    lexeme = _quoted(parts.take_text())
    places = [_place(parts.take("H")) for _ in range(parts.take("H"))]
    return f"{lexeme}:{','.join(places)}" if places else lexeme


def _place(position_and_weight: int) -> str:
    weight, position = divmod(position_and_weight, 1 << _BITS_OF_A_POSITION)
    return f"{position}{_WEIGHTS[weight] if weight else ''}"


@dataclass(frozen=True, slots=True)
class _Operator:
    symbol: str
    binds: int
    left: "_Operator | str"
    right: "_Operator | str"
    is_phrase: bool = False


def text_query(data: bytes) -> str:
    """A tsquery as PostgreSQL writes it: ``'a':*A & !( 'b' | 'c' )``."""
    parts = _Parts(data)
    made: list[_Operator | str] = []
    # An operator is sent before its right operand, and that before the left one.
    for item in reversed([_item(parts) for _ in range(parts.take("i"))]):
        if isinstance(item, str):
            made.append(item)
        else:
            right = made.pop()
            left = "" if item.symbol == _NOT else made.pop()
            made.append(replace(item, left=left, right=right))
    return "".join(_written(made[0])) if made else ""


def _item(parts: "_Parts") -> _Operator | str:
    """An operator without its operands yet, or a lexeme."""
    if parts.take("b") == _IS_LEXEME:
        weights, is_prefix = parts.take("b"), parts.take("b")
        marks = "*" * is_prefix + "".join(
            _WEIGHTS[bit] for bit in range(len(_WEIGHTS) - 1, -1, -1) if weights >> bit & 1
        )
        return _quoted(parts.take_text()) + (f":{marks}" if marks else "")
    symbol, binds = _OPERATORS[parts.take("b")]
    if symbol != _PHRASE:
        return _Operator(symbol, binds, "", "")
    distance = parts.take("H")
    return _Operator(symbol if distance == 1 else f" <{distance}> ", binds, "", "", is_phrase=True)


def _written(query: _Operator | str) -> Iterator[str]:
    """Not by recursion: a query may be as deep as it is long."""
    rest = [query]
    while rest:
        part = rest.pop()
        if isinstance(part, str):
            yield part
            continue
        left = _operand(part.left, part, is_right_of_phrase=False)
        right = _operand(part.right, part, is_right_of_phrase=part.is_phrase)
        rest += [*right, part.symbol, *left]


def _operand(
    operand: _Operator | str, of: _Operator, *, is_right_of_phrase: bool
) -> list[_Operator | str]:
    """With its parentheses, the last part first."""
    if isinstance(operand, str):
        return [operand]
    is_enclosed = operand.binds < of.binds or (is_right_of_phrase and operand.is_phrase)
    return [" )", operand, "( "] if is_enclosed else [operand]


def _quoted(lexeme: str) -> str:
    doubled = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


class _Parts:
    """Reads one part of a value after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, kind: str) -> int:
        """A whole number, ``kind`` as ``struct`` calls it."""
        number: int
        (number,) = unpack_from(f"!{kind}", self._data, self._position)
        self._position += calcsize(f"!{kind}")
        return number

    def take_text(self) -> str:
        end = self._data.index(0, self._position)
        text = self._data[self._position : end].decode()
        self._position = end + 1
        return text
