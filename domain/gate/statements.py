"""What the gate lets through: one value for each statement of a request."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple


class DmlKind(StrEnum):
    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    MERGE = "MERGE"


class DdlKind(StrEnum):
    CREATE_TABLE = "CREATE TABLE"
    CREATE_TABLE_AS = "CREATE TABLE AS"
    ALTER_TABLE = "ALTER TABLE"
    DROP_TABLE = "DROP TABLE"
    CREATE_INDEX = "CREATE INDEX"
    ALTER_INDEX = "ALTER INDEX"
    DROP_INDEX = "DROP INDEX"
    CREATE_VIEW = "CREATE VIEW"
    DROP_VIEW = "DROP VIEW"
    CREATE_SEQUENCE = "CREATE SEQUENCE"
    ALTER_SEQUENCE = "ALTER SEQUENCE"
    DROP_SEQUENCE = "DROP SEQUENCE"
    CREATE_TYPE = "CREATE TYPE"
    ALTER_TYPE = "ALTER TYPE"
    DROP_TYPE = "DROP TYPE"
    CREATE_DOMAIN = "CREATE DOMAIN"
    ALTER_DOMAIN = "ALTER DOMAIN"
    DROP_DOMAIN = "DROP DOMAIN"
    CREATE_STATISTICS = "CREATE STATISTICS"
    ALTER_STATISTICS = "ALTER STATISTICS"
    DROP_STATISTICS = "DROP STATISTICS"
    COMMENT = "COMMENT"
    RENAME = "ALTER … RENAME"


@dataclass(frozen=True, slots=True)
class RowLimit:
    """The LIMIT or FETCH FIRST of a top-level SELECT.

    `rows` is the number where it is written as one; it is None where there is no
    limit and where only PostgreSQL will know it ($1, an expression, ALL, WITH TIES).
    """

    explicit: bool
    rows: int | None


NO_LIMIT = RowLimit(explicit=False, rows=None)
COMPUTED_LIMIT = RowLimit(explicit=True, rows=None)


# Not a parameter's number: the schema that is written before a function of sequences.
GUARDED = 0
GUARDED_SCHEMA = "twinbase_functions"


class Placeholder(NamedTuple):
    """One `$number`: where it stands in its statement's text, and in the SQL as sent.

    All in characters; a parameter that is used twice has two of them, of one number. That of
    number GUARDED stands for nothing in the SQL as sent.
    """

    start: int
    end: int
    number: int
    sent_start: int
    sent_end: int


def written(number: int) -> str:
    return f"${number}" if number != GUARDED else f"{GUARDED_SCHEMA}."


def rewritten(
    text: str,
    placeholders: Sequence[Placeholder],
    write: Callable[[int], str],
) -> tuple[str, tuple[Placeholder, ...]]:
    """The text with each placeholder written anew, and where they stand in it."""
    pieces: list[str] = []
    moved = []
    copied = length = 0
    for placeholder in placeholders:
        before, word = text[copied : placeholder.start], write(placeholder.number)
        pieces += (before, word)
        start = length + len(before)
        length = start + len(word)
        copied = placeholder.end
        moved.append(
            placeholder._replace(start=start, end=length),
        )
    pieces.append(text[copied:])
    return "".join(pieces), tuple(moved)


@dataclass(frozen=True, slots=True)
class DmlStatement:
    """One admitted statement of an exec_dml request.

    `text` is the slice as sent, without its `;` and the blanks around it, its
    placeholders numbered `$1`, `$2` … without gaps; it may end in a `--` comment, so
    whatever is appended to it begins with a new line.
    `offset` is where the statement starts in the request's SQL, in characters.
    `parameters` holds what the request calls its placeholders, in the order of their
    numbers: a number of a JSON array (from 1), or a name of a JSON object.
    `relations` are the names of tables, sequences and types that it mentions, and
    perhaps names that are none (of CTEs).
    `writes`: what in it changes rows, in its WITH too: a SELECT may.
    `of_literals`: its parameters are literals of the SQL as sent (normalised.py).
    """

    text: str
    offset: int
    kind: DmlKind
    returns_rows: bool
    limit: RowLimit
    parameters: tuple[int | str, ...]
    placeholders: tuple[Placeholder, ...] = ()
    relations: frozenset[str] = frozenset()
    writes: frozenset[DmlKind] = frozenset()
    of_literals: bool = False

    def position_as_sent(self, position: int) -> int:
        """From a position in `text` to that in the request's SQL, both counted from 0."""
        return _as_sent(position, self.placeholders, self.offset)

    def with_types(self, types: Mapping[int, str]) -> "DmlStatement":
        """The same, with the parameters of these numbers sent as text and read by PostgreSQL."""

        def write(number: int) -> str:
            return f"(${number}::text::{types[number]})" if number in types else written(number)

        text, placeholders = rewritten(self.text, self.placeholders, write)
        return replace(self, text=text, placeholders=placeholders)


@dataclass(frozen=True, slots=True)
class DdlStatement:
    """One admitted statement of an exec_ddl request; `text` and `offset` as in DML.

    `sent` is the slice of the request's SQL.

    `relations` holds the name of every table, index, view, sequence, type, domain and
    statistics object that it mentions, and perhaps names that are none (of columns, of CTEs).
    """

    text: str
    offset: int
    kind: DdlKind
    relations: frozenset[str]
    placeholders: tuple[Placeholder, ...] = ()
    sent: str = ""

    def position_as_sent(self, position: int) -> int:
        return _as_sent(position, self.placeholders, self.offset)


def _as_sent(position: int, placeholders: Sequence[Placeholder], offset: int) -> int:
    index = bisect_right(placeholders, position, key=lambda each: each.start) - 1
    if index < 0:
        return offset + position
    nearest = placeholders[index]
    if position < nearest.end:
        return nearest.sent_start
    return nearest.sent_end + position - nearest.end
