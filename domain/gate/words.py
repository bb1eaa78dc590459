"""The names in SQL text as its author wrote them, for hints only: nothing is decided by them."""

from collections.abc import Iterator

from postgast import PgQueryError, scan
from postgast import pg_query_pb2 as tree

_DOT = tree.ASCII_46

_LONGEST = 300  # characters of a dotted name that anybody means


def name_at(sql: str, offset: int) -> list[str]:
    """The parts of the dotted name that begins there; empty where none does."""
    near = sql[offset : offset + _LONGEST]
    # What ends within a literal cannot be read; what is before the literal can.
    tokens = list(_tokens(near)) or _tokens(near.partition("'")[0])
    parts: list[str] = []
    for token, text in tokens:
        if len(parts) % 2:
            if token.token != _DOT:
                break
            parts.append(".")
        else:
            name = _name(token, text)
            if name is None:
                break
            parts.append(name)
    return [part for position, part in enumerate(parts) if position % 2 == 0]


def names_in(sql: str) -> set[str]:
    return {name for token, text in _tokens(sql) if (name := _name(token, text)) is not None}


def _tokens(sql: str) -> Iterator[tuple[tree.ScanToken, str]]:
    encoded = sql.encode()
    try:
        found = scan(sql)
    except PgQueryError:  # begun within a literal, say
        return
    for token in found.tokens:
        yield token, encoded[token.start : token.end].decode()


def _name(token: tree.ScanToken, text: str) -> str | None:
    if text.startswith('"'):
        return text[1:-1].replace('""', '"')
    if token.token == tree.IDENT or token.keyword_kind != tree.NO_KEYWORD:
        return text.lower()
    return None
