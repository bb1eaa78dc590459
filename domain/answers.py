"""What exec_dml has to tell of each statement: columns, rows, and how many it affected."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.gate import DmlKind


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """``type`` as PostgreSQL prints it, without length or precision."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class StatementResult:
    """``rows``: values that JSON carries as they are, in the order of ``columns``.

    ``affected_rows``: inserted, updated, deleted or merged; 0 for a SELECT. ``truncated``: there
    were more rows, or longer ones, than the caps let through.
    """

    kind: DmlKind
    affected_rows: int
    columns: tuple[ResultColumn, ...]
    rows: Sequence[Sequence[object]]
    truncated: bool
