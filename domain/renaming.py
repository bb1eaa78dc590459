"""A schema's name within a function's body, which PostgreSQL keeps as a text.

Found by PostgreSQL's own scanner, as a name before a dot. A constant is SQL that the function will
run, or the name itself; whatever else it holds, nobody can know what the function makes of it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from postgast import PgQueryError, scan
from postgast import pg_query_pb2 as tree

from domain.identifiers import Identifier
from exceptions.errors import CloneNotPossible

_DOT = tree.ASCII_46
_COMMENTS = frozenset({tree.SQL_COMMENT, tree.C_COMMENT})
_OTHER_CONSTANTS = frozenset({tree.USCONST, tree.XCONST, tree.BCONST})
_PLAIN = re.compile("[a-z_][a-z0-9_]*")


class _Edit(NamedTuple):
    begin: int  # in bytes
    end: int
    text: str


def renamed(body: str, schema: Identifier, new: Identifier) -> str:
    """Raises CloneNotPossible."""
    if schema.name.casefold() not in body.casefold():
        return body
    encoded = body.encode()
    pieces = []
    copied = 0
    for edit in _edits(body, encoded, schema, new):
        pieces += [encoded[copied : edit.begin], edit.text.encode()]
        copied = edit.end
    return b"".join([*pieces, encoded[copied:]]).decode()


def _edits(body: str, encoded: bytes, schema: Identifier, new: Identifier) -> Iterator[_Edit]:
    try:
        tokens = [token for token in scan(body).tokens if token.token not in _COMMENTS]
    except PgQueryError as error:
        raise _unknown(body) from error
    for position, token in enumerate(tokens):
        text = encoded[token.start : token.end].decode()
        if token.token == tree.SCONST:
            constant = _renamed_constant(text, schema, new)
            if constant != text:
                yield _Edit(token.start, token.end, constant)
        elif token.token in _OTHER_CONSTANTS and schema.name in text:
            raise _unknown(text)
        elif (
            _name(text) == schema.name
            and position + 1 < len(tokens)
            and tokens[position + 1].token == _DOT
            and not (position and tokens[position - 1].token == _DOT)
        ):
            yield _Edit(token.start, token.end, _written(text, new))


def _renamed_constant(constant: str, schema: Identifier, new: Identifier) -> str:
    if not re.search(rf"\b{re.escape(schema.name)}\b", constant):
        return constant
    opening = re.match(r"'|\$[^$]*\$", constant)
    if opening is None:  # E'': its escapes would have to be read first
        raise _unknown(constant)
    mark = opening[0]
    inside = constant[len(mark) : -len(mark)]
    if inside == schema.name:
        inside = new.name
    elif mark == "'":
        inside = renamed(inside.replace("''", "'"), schema, new).replace("'", "''")
    else:
        inside = renamed(inside, schema, new)
    if re.search(rf"\b{re.escape(schema.name)}\b", inside):
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
        "Nothing was copied. A function holds its schema's name where nobody can tell what it makes"
        f" of it, and its copy might reach the source: {text[:100]}"
    )
