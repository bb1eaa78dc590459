"""A script of SQL as the requests that it takes: each of one verb, and no larger than may be."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from postgast import PgQueryError, scan, split
from postgast import pg_query_pb2 as tree

from domain.gate.admission import DML_KINDS, MAX_STATEMENTS
from domain.gate.placeholders import named_marks, without_names
from domain.gate.source import MAX_SQL_BYTES, read
from domain.gate.wording import words_for_place
from exceptions.errors import SqlDetails, SqlParseFailed

_NO_BEGINNING = frozenset({tree.SQL_COMMENT, tree.C_COMMENT, tree.ASCII_59})  # ;


class Part(NamedTuple):
    """``names``: of the parameters in it.

    It begins at ``line`` and ``column`` of the script, from 1, behind ``before`` statements.
    """

    is_dml: bool
    sql: str
    line: int
    column: int
    before: int
    names: frozenset[str]

    def in_script(self, told: SqlDetails) -> SqlDetails:
        """The place in the script of what is told of the part."""
        moved = replace(told, statement=told.statement and told.statement + self.before)
        if told.line is None or told.column is None:
            return moved
        indent = self.column - 1 if told.line == 1 else 0
        return replace(moved, line=told.line + self.line - 1, column=told.column + indent)


def parts_of(script: str, names: frozenset[str] = frozenset()) -> list[Part]:
    """In their order; none where the script holds comments only. ``names``: of its parameters.

    Raises SqlParseFailed, or InvalidParameter for a parameter that is not among the names.
    """
    parts: list[Part] = []
    count = size = 0
    for gap, statement in _statements(script, names):
        count += 1
        size += len(gap) + len(statement.sql.encode())
        last = parts[-1] if parts else None
        if (
            last is None
            or last.is_dml != statement.is_dml
            or count > MAX_STATEMENTS
            or size > MAX_SQL_BYTES
        ):
            parts.append(statement)
            count, size = 1, len(statement.sql.encode())
        else:
            parts[-1] = last._replace(
                sql=f"{last.sql}{gap}{statement.sql}", names=last.names | statement.names
            )
    return parts


def _statements(script: str, names: frozenset[str]) -> Iterator[tuple[str, Part]]:
    """Each with what parts it from the one before."""
    try:
        encoded = script.encode()
    except UnicodeEncodeError:
        raise SqlParseFailed("The script is not UTF-8.") from None
    end = script.find("\0")
    if end >= 0:  # libpg_query would take the script to end there
        raise SqlParseFailed(f"The script holds a NUL {words_for_place(script, end)}.")
    try:
        tokens = scan(script)
        marks = named_marks(script, encoded, tokens, names) if names else {}
        texts = split(without_names(encoded, marks).decode())
    except PgQueryError as error:
        place = words_for_place(script, error.cursorpos - 1) if error.cursorpos else ""
        raise SqlParseFailed(f"{error.message} {place}".rstrip()) from error
    begins = (token.start for token in tokens.tokens if token.token not in _NO_BEGINNING)
    end, line = 0, 1
    for number, text in enumerate(texts):
        begin = next(start for start in begins if start >= end)
        gap = encoded[end:begin].decode()
        line += gap.count("\n")
        column = len(encoded[encoded.rfind(b"\n", 0, begin) + 1 : begin].decode()) + 1
        end = begin + len(text.encode())
        used = frozenset(str(mark.key) for start, mark in marks.items() if begin <= start < end)
        sql = encoded[begin:end].decode()
        try:
            kind = read(sql, used or None).statements[0].tree.WhichOneof("node")
        except SqlParseFailed as error:
            raise SqlParseFailed(f"In the statement from line {line} on: {error}") from error
        yield _blank(gap), Part(kind in DML_KINDS, sql, line, column, number, used)
        line += sql.count("\n")


def _blank(gap: str) -> str:
    """A semicolon, and as much room as there was: places in a part are those of the script."""
    at = gap.find(";")
    return "".join(
        ";" if position == at else character if character == "\n" else " "
        for position, character in enumerate(gap)
    )
