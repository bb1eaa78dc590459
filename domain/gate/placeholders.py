"""Parameters in SQL: `:name` is found by PostgreSQL's own scanner, `$n` by its parser.

A request has one set of parameters and any number of statements; each statement gets
numbers of its own, `$1` to `$k`, for those that it uses.

`:word` is an array's slice in `a[1:n]` and a JSON key's value in `JSON_OBJECT('a':b)`:
there an expression ends right before the colon, where no parameter could follow it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from postgast import pg_query_pb2 as tree

from domain.gate.statements import GUARDED, Placeholder
from domain.gate.wording import words_for_place
from exceptions.errors import InvalidParameter

_COLON = tree.ASCII_58
_OPENING = frozenset({tree.ASCII_40, tree.ASCII_91})  # ( [
_CLOSING = frozenset({tree.ASCII_41, tree.ASCII_93})  # ) ]
_COMMENTS = frozenset({tree.SQL_COMMENT, tree.C_COMMENT})
_OPERANDS = frozenset(
    {
        tree.IDENT,
        tree.UIDENT,
        tree.SCONST,
        tree.USCONST,
        tree.BCONST,
        tree.XCONST,
        tree.ICONST,
        tree.FCONST,
        tree.PARAM,
        tree.ASCII_93,
    },
)
_NAMES_OF_COLUMNS = frozenset({tree.UNRESERVED_KEYWORD, tree.COL_NAME_KEYWORD})

# A hint is not worth more time; the names are as many and as long as a request may be.
_LONGEST_HINT, _MOST_HINTS = 40, 400

_NUMBERED = re.compile(rb"\$[0-9]+")
_WORD_BEFORE = re.compile(rb"[A-Za-z0-9_$\x80-\xff]")


class Mark(NamedTuple):
    """A placeholder in the SQL as sent, in bytes."""

    start: int
    end: int
    key: int | str


def named_marks(
    sql: str,
    encoded: bytes,
    tokens: tree.ScanResult,
    names: frozenset[str],
) -> dict[int, Mark]:
    """Every `:name`, by where it starts; raises InvalidParameter for one that is not given."""
    marks = {}
    for start, end, in_subscript in _words_after_colons(encoded, tokens):
        word = encoded[start + 1 : end].decode()
        if word in names:
            marks[start] = Mark(start, end, word)
        elif not in_subscript:
            raise InvalidParameter(_not_given(word, names, _place(sql, encoded, start)))
    for token in tokens.tokens:
        if token.token == tree.PARAM:
            written = encoded[token.start : token.end].decode()
            raise InvalidParameter(
                f"params: {written} is not given {_place(sql, encoded, token.start)}: params is"
                " an object, so write :name; for $1, $2, … send params as an array.",
            )
    return marks


def _words_after_colons(
    encoded: bytes,
    tokens: tree.ScanResult,
) -> Iterator[tuple[int, int, bool]]:
    """Where a `:word` begins and ends that may be a parameter, and whether a `[` is around it."""
    around: list[int] = []
    before = colon = None
    for token in tokens.tokens:
        kind = token.token
        if kind in _COMMENTS:
            continue
        in_subscript = bool(around) and around[-1] == tree.ASCII_91
        if colon is not None and colon.end == token.start and _is_word(token, encoded):
            yield colon.start, token.end, in_subscript
        if kind in _OPENING:
            around.append(kind)
        elif kind in _CLOSING and around:
            around.pop()
        follows = before is not None and _ends_operand(
            before, token, encoded, in_subscript=in_subscript
        )
        colon = token if kind == _COLON and not follows else None
        before = token


def _is_word(token: tree.ScanToken, encoded: bytes) -> bool:
    is_name: bool = token.token == tree.IDENT and encoded[token.start] != ord('"')
    is_keyword: bool = token.keyword_kind != tree.NO_KEYWORD
    return is_name or is_keyword


def _ends_operand(
    before: tree.ScanToken,
    colon: tree.ScanToken,
    encoded: bytes,
    *,
    in_subscript: bool,
) -> bool:
    """Whether an expression ends before this colon, or a word to which the colon is glued."""
    if before.token in _OPERANDS:
        return True
    if in_subscript and (before.token == tree.ASCII_41 or before.keyword_kind in _NAMES_OF_COLUMNS):
        return True
    return before.end == colon.start and bool(_WORD_BEFORE.match(encoded, before.end - 1))


def _not_given(word: str, names: frozenset[str], place: str) -> str:
    like_it = [name for name in names if name.isprintable() and len(name) <= _LONGEST_HINT]
    near = get_close_matches(word[:_LONGEST_HINT], like_it[:_MOST_HINTS], n=1)
    hint = f'; perhaps you mean ":{near[0]}"' if near else ""
    return f"params: :{word} is not given {place}{hint}."


def _place(sql: str, encoded: bytes, position: int) -> str:
    return words_for_place(sql, len(encoded[:position].decode()))


def without_names(encoded: bytes, marks: Mapping[int, Mark]) -> bytes:
    """What PostgreSQL's parser takes: every placeholder a `$1`, all positions as they were.

    Which number it is matters to nobody before the statements are numbered.
    """
    text = bytearray(encoded)
    for mark in marks.values():
        text[mark.start : mark.end] = b"$1".ljust(mark.end - mark.start)
    return bytes(text)


def marks_in(
    encoded: bytes,
    named: Mapping[int, Mark],
    numbers: Mapping[int, int],
) -> list[Mark]:
    """One statement's placeholders, in the order of the text; `numbers` as the parser saw them."""
    marks = []
    for start, number in sorted(numbers.items()):
        mark = named.get(start)
        if mark is None:
            written = _NUMBERED.match(encoded, start)
            if written is None:
                raise ValueError("there is no parameter where the parser saw one")
            mark = Mark(start, written.end(), number)
        marks.append(mark)
    return marks


def numbered(
    encoded: bytes,
    marks: Sequence[Mark],
    begin: int,
    offset: int,
) -> tuple[tuple[int | str, ...], list[Placeholder]]:
    """The keys in the order of their numbers, and the placeholders in the slice as sent.

    The slice begins at byte `begin`, which is character `offset`. Those of an array keep
    their order, so that a statement that uses all of them stays as it is.
    """
    keys = sorted({mark.key: None for mark in marks}, key=_rank)
    number_of = {key: number for number, key in enumerate(keys, start=1)}
    placeholders = []
    characters, counted = offset, begin
    for mark in marks:
        start = characters + len(encoded[counted : mark.start].decode())
        characters = start + len(encoded[mark.start : mark.end].decode())
        counted = mark.end
        placeholders.append(
            Placeholder(
                start=start - offset,
                end=characters - offset,
                number=number_of[mark.key],
                sent_start=start,
                sent_end=characters,
            ),
        )
    return tuple(keys), placeholders


def before_functions(
    encoded: bytes,
    positions: Iterable[int],
    begin: int,
    offset: int,
) -> list[Placeholder]:
    """Where a schema is written before functions that begin at these bytes; as `numbered`."""
    placeholders = []
    sent, counted = offset, begin
    for position in sorted(positions):
        sent += len(encoded[counted:position].decode())
        counted = position
        place = sent - offset
        placeholders.append(Placeholder(place, place, GUARDED, sent, sent))
    return placeholders


def _rank(key: int | str) -> int:
    return key if isinstance(key, int) else 0
