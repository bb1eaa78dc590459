"""The program: all of its commands. Of the one that is named the code is loaded, and no other's."""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from service.commands.program import Program
from service.version import VERSION

_PLACES = {
    "serve": "serve",
    "init": "init",
    "migrate": "migrate",
    "databases": "databases",
    "sql": "sql",
    "operations": "operations",
    "platforms": "platforms",
    "keys": "platforms",
    "quotas": "quotas",
    "doctor": "doctor",
    "health": "health",
    "usage": "quotas",
    "statistics": "statistics",
    "audit": "audit",
    "env": "environment",
}
"""The module in ``service.commands`` of each command, as they are listed."""


def program(names: Iterable[str] = _PLACES) -> typer.Typer:
    app = typer.Typer(
        name="twinbase",
        cls=Program,
        help="A PostgreSQL database for every agent.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_twinbase)
    for name in names:
        command = getattr(import_module(f"service.commands.{_PLACES[name]}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _tell_version(*, value: bool) -> None:
    if value:
        typer.echo(f"twinbase {VERSION}")
        raise typer.Exit


def _twinbase(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Tell the release, and nothing else.", callback=_tell_version
        ),
    ] = False,
) -> None:
    """A PostgreSQL database for every agent."""


def main() -> None:
    """Without a command all of them are there, for whoever asks for help or has mistyped."""
    first = sys.argv[1:2]
    named = [word for word in first if word in _PLACES]
    needs_none = first == ["--version"]
    program(named if named or needs_none else _PLACES)(prog_name="twinbase")
