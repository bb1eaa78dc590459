"""Rows for people who read a terminal, or for programs."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import orjson
import typer

NOTHING = "Nothing found."

_FOR_PROGRAMS: ContextVar[bool] = ContextVar("for_programs", default=False)


def _remember(*, value: bool) -> bool:
    if value:
        _FOR_PROGRAMS.set(True)
    return value


ForPrograms = Annotated[
    bool, typer.Option("--json", help="For programs; errors, too.", callback=_remember)
]


def speak_to_programs() -> None:
    """Where the words are too wrong for the option to be read."""
    _FOR_PROGRAMS.set(True)


def is_for_programs() -> bool:
    """Whether the command of this process was asked to speak JSON."""
    return _FOR_PROGRAMS.get()


def is_terminal() -> bool:
    """Whether somebody watches what is told beside the answer."""
    return sys.stderr.isatty() and not is_for_programs()


def complain(message: str, code: int | None = None) -> None:
    """On standard error. ``code``: of the verb's answer."""
    if is_for_programs():
        error = {"message": message} if code is None else {"code": code, "message": message}
        typer.echo(orjson.dumps({"error": error}).decode(), err=True)
    else:
        typer.echo(f"twinbase: {message}", err=True)


def tell_one(row: Mapping[str, object], *, json: bool) -> None:
    """A line for each field, where one thing is all there is."""
    if json:
        typer.echo(as_json(row))
        return
    lines = dict(_flat(row))
    width = max(map(len, lines), default=0)
    for name, cell in lines.items():
        typer.echo(f"{name.ljust(width)}  {cell}".rstrip())


def _flat(row: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", _cell(value)


def as_json(value: object) -> str:
    return orjson.dumps(value, default=_number).decode()


def _number(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError


def tell(rows: Sequence[dict[str, object]], *, json: bool) -> None:
    typer.echo(as_json(rows) if json else as_table(rows))


def as_table(rows: Sequence[dict[str, object]]) -> str:
    """``rows``: of the same names, which become the headings."""
    if not rows:
        return NOTHING
    return table_of([name.upper() for name in rows[0]], [list(row.values()) for row in rows])


def table_of(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [list(map(printable, headings)), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def printable(text: str) -> str:
    """What others have chosen, for a terminal: none of it moves the cursor or begins a line."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(timespec="seconds")
        case list():
            return ",".join(map(_cell, value))
        case bool():
            return "yes" if value else "no"
        case dict():
            return printable(as_json(value))
    return printable(str(value))
