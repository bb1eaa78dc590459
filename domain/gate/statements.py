"""What the gate lets through: one value for each statement of a request."""

from dataclasses import dataclass
from enum import StrEnum


class DmlKind(StrEnum):
    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class DdlKind(StrEnum):
    CREATE_TABLE = "CREATE TABLE"
    CREATE_TABLE_AS = "CREATE TABLE AS"
    ALTER_TABLE = "ALTER TABLE"
    DROP_TABLE = "DROP TABLE"
    CREATE_INDEX = "CREATE INDEX"
    DROP_INDEX = "DROP INDEX"
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


@dataclass(frozen=True, slots=True)
class DmlStatement:
    """One admitted statement of an exec_dml request.

    `text` is the slice as sent, without its `;` and the blanks around it; it may end
    in a `--` comment, so whatever is appended to it begins with a new line.
    `offset` is where it starts in the request's SQL, in characters.
    `parameters` is the highest n of its `$n`.
    """

    text: str
    offset: int
    kind: DmlKind
    returns_rows: bool
    limit: RowLimit
    parameters: int


@dataclass(frozen=True, slots=True)
class DdlStatement:
    """One admitted statement of an exec_ddl request; `text` and `offset` as in DML.

    `relations` holds the name of every table and index that it mentions, and perhaps
    names that are none (of columns, of CTEs).
    """

    text: str
    offset: int
    kind: DdlKind
    relations: frozenset[str]
