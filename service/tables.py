"""Rows for people who read a terminal, or for programs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import orjson
import typer

NOTHING = "Nothing found."

ForPrograms = Annotated[bool, typer.Option("--json", help="For programs.")]


def tell(rows: Sequence[dict[str, object]], *, json: bool) -> None:
    typer.echo(orjson.dumps(rows).decode() if json else as_table(rows))


def as_table(rows: Sequence[dict[str, object]]) -> str:
    """``rows``: of the same names, which become the headings."""
    if not rows:
        return NOTHING
    headings = [name.upper() for name in rows[0]]
    lines = [headings, *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(timespec="seconds")
        case list():
            return ",".join(map(str, value))
        case bool():
            return "yes" if value else "no"
    return str(value)
