"""The command ``sql``: a script of DDL and DML, as exec_ddl and exec_dml run it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from domain.answers import StatementResult
from domain.gate.scripts import Part, parts_of
from domain.schema import Environment
from exceptions.errors import TwinbaseError
from service.commands.acting import DatabaseId
from service.commands.invocation import FAILED, one_line_errors, with_core
from service.commands.tables import ForPrograms, as_json, complain, is_terminal, table_of
from service.core import Core
from service.use_cases.exec_dml import lists

_STANDARD_INPUT = Path("-")


def sql(  # noqa: PLR0917 - typer makes options of parameters
    database_id: DatabaseId,
    file: Annotated[
        Path, typer.Option("--file", "-f", help="The script; -: standard input.")
    ] = _STANDARD_INPUT,
    command: Annotated[str | None, typer.Option("--command", "-c", help="SQL instead.")] = None,
    env: Annotated[Environment, typer.Option(help="Where DML runs.")] = Environment.TEST,
    ddl_env: Annotated[
        Environment | None, typer.Option(help="Where DDL runs; in both where none is named.")
    ] = None,
    uid: Annotated[str | None, typer.Option(help="Whose rows; the owner's where absent.")] = None,
    space: Annotated[str | None, typer.Option(help="Act for this space.")] = None,
    app: Annotated[str, typer.Option(help="The application that rows come from.")] = "twinbase",
    param: Annotated[
        list[str] | None, typer.Option(help="name=value, for :name in DML; several times.")
    ] = None,
    *,
    read_only: Annotated[bool, typer.Option(help="Refuse whatever changes rows.")] = False,
    json: ForPrograms = False,
) -> None:
    """Run SQL in a database, for its owner or who is named.

    Statements in a row that are DDL, or DML, are one transaction, up to a thousand of them. Where
    one fails, those before it are kept, and nothing after it is run.
    """
    params = dict(map(_named, param or ()))
    with one_line_errors():
        parts = parts_of(_script(file) if command is None else command, frozenset(params))
    unused = set(params).difference(*(part.names for part in parts))
    if unused:
        raise typer.BadParameter(f"--param: no DML has :{min(unused)}")

    way = _Way(database_id, uid, space, app, env, ddl_env, params, read_only=read_only, json=json)
    with_core(partial(_run, parts, way))


@dataclass(frozen=True, slots=True)
class _Way:
    """For whom a script is run, and where. ``uid`` None: for the owner."""

    database_id: int
    uid: str | None
    space: str | None
    app: str
    env: Environment
    ddl_env: Environment | None
    params: Mapping[str, str]
    read_only: bool
    json: bool


async def _run(parts: Sequence[Part], way: _Way, core: Core) -> None:
    owners, owner = await core.owner_of(way.database_id)
    for part in parts:
        try:
            if part.is_dml:
                await _run_dml(part, way, owners, way.uid or owner)
            else:
                await _run_ddl(part, way, owners, way.uid or owner)
        except TwinbaseError as error:
            if error.sql is not None:
                error.sql = part.in_script(error.sql)
            complain(f"{error}{_kept(part, parts)}", error.code)
            raise typer.Exit(FAILED) from None


async def _run_ddl(part: Part, way: _Way, core: Core, uid: str) -> None:
    await core.exec_ddl(uid, way.database_id, part.sql, space_id=way.space, env=way.ddl_env)
    typer.echo(as_json({"kind": "DDL", "line": part.line}) if way.json else "DDL: done")


async def _run_dml(part: Part, way: _Way, core: Core, uid: str) -> None:
    outcome = await core.exec_dml(
        uid,
        way.app,
        way.database_id,
        part.sql,
        way.env,
        space_id=way.space,
        params={name: way.params[name] for name in part.names} or None,
        read_only=way.read_only,
    )
    _tell(outcome.results, json=way.json)


def _kept(failed: Part, parts: Sequence[Part]) -> str:
    if len(parts) == 1:
        return ""
    before = "" if failed is parts[0] else ", what comes before was"
    return f" Nothing of the part from line {failed.line} on was kept{before}."


def _script(file: Path) -> str:
    if file != _STANDARD_INPUT:
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise typer.BadParameter(f"{file}: {error}") from None
    if sys.stdin.isatty() and is_terminal():
        typer.echo("SQL, up to Ctrl-D:", err=True)
    try:
        return sys.stdin.buffer.read().decode()  # whatever the locale says of it
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"standard input: {error}") from None


def _named(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise typer.BadParameter("--param: must be name=value")
    return name, value


def _tell(results: Sequence[StatementResult], *, json: bool) -> None:
    """With ``--json`` a line for each statement."""
    for result in results:
        rows, names = lists(result), [column.name for column in result.columns]
        if json:
            told = {
                "kind": result.kind,
                "affected_rows": result.affected_rows,
                "columns": names,
                "rows": rows,
                "truncated": result.truncated,
            }
            typer.echo(as_json(told))
            continue
        if names:
            typer.echo(table_of([name.upper() for name in names], rows))
        typer.echo(f"{result.kind} {result.affected_rows or len(rows)}")
        if result.truncated:
            typer.echo("There are more rows: see LIMIT.", err=True)
