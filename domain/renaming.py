"""Names of schemas within a function's body, which PostgreSQL keeps as a text.

Found by PostgreSQL's own scanner, as a name before a dot. A constant is SQL that the function will
run, or the name itself; whatever else it holds, nobody can know what the function makes of it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from postgast import PgQueryError, scan
from postgast import pg_query_pb2 as tree

from domain.identifiers import Identifier
from domain.schema import NAME_OF_A_SCHEMA
from exceptions.errors import CloneNotPossible

_DOT = tree.ASCII_46
_COMMENTS = frozenset({tree.SQL_COMMENT, tree.C_COMMENT})
_OTHER_CONSTANTS = frozenset({tree.USCONST, tree.XCONST, tree.BCONST})
_PLAIN = re.compile("[a-z_][a-z0-9_]*")


class _Edit(NamedTuple):
    begin: int  # in bytes
    end: int
    text: str


def renamed(body: str, new_names: Mapping[str, Identifier]) -> str:
    """Raises CloneNotPossible where it names a schema of a pair that is not among them, too."""
    if NAME_OF_A_SCHEMA.search(body) is None and not any(name in body for name in new_names):
        return body
    encoded = body.encode()
    pieces = []
    copied = 0
    for edit in _edits(body, encoded, new_names):
        pieces += [encoded[copied : edit.begin], edit.text.encode()]
        copied = edit.end
    return b"".join([*pieces, encoded[copied:]]).decode()


def _edits(body: str, encoded: bytes, new_names: Mapping[str, Identifier]) -> Iterator[_Edit]:
    try:
        tokens = [token for token in scan(body).tokens if token.token not in _COMMENTS]
    except PgQueryError as error:
        raise _unknown(body) from error
    for position, token in enumerate(tokens):
        text = encoded[token.start : token.end].decode()
        if token.token == tree.SCONST:
            constant = _renamed_constant(text, new_names)
            if constant != text:
                yield _Edit(token.start, token.end, constant)
        elif token.token in _OTHER_CONSTANTS and _is_told_of(text, new_names):
            raise _unknown(text)
        elif (
            position + 1 < len(tokens)
            and tokens[position + 1].token == _DOT
            and not (position and tokens[position - 1].token == _DOT)
        ):
            name = _name(text)
            if name in new_names:
                yield _Edit(token.start, token.end, _written(text, new_names[name]))
            elif NAME_OF_A_SCHEMA.fullmatch(name):
                raise _unknown(text)


def _is_told_of(text: str, names: Mapping[str, Identifier]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _renamed_constant(constant: str, new_names: Mapping[str, Identifier]) -> str:
    if not _is_told_of(constant, new_names):
        return constant
    opening = re.match(r"'|\$[^$]*\$", constant)
    if opening is None:  # E'': its escapes would have to be read first
        raise _unknown(constant)
    mark = opening[0]
    inside = constant[len(mark) : -len(mark)]
    if inside in new_names:
        inside = new_names[inside].name
    elif mark == "'":
        inside = renamed(inside.replace("''", "'"), new_names).replace("'", "''")
    else:
        inside = renamed(inside, new_names)
    if _is_told_of(inside, new_names):
        raise _unknown(constant)
    return mark + inside + mark


def _name(text: str) -> str:
    if text.startswith('"'):
        return text[1:-1].replace('""', '"')
    return text.lower()


def _written(text: str, new: Identifier) -> str:
    is_plain = not text.startswith('"') and _PLAIN.fullmatch(new.name)
    return new.name if is_plain else str(new)


def _unknown(text: str) -> CloneNotPossible:
    return CloneNotPossible(
        "Nothing was copied. A function holds the name of its schema, or of another tenant's, where"
        f" nobody can tell what it makes of it, and its copy might reach there: {text[:100]}"
    )
