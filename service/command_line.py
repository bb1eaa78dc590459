"""The program: all of its commands."""

from typing import Annotated

import typer

from service.commands.audit import audit
from service.commands.databases import databases
from service.commands.doctor import doctor
from service.commands.environment import env
from service.commands.health import health
from service.commands.init import init
from service.commands.migrate import migrate
from service.commands.operations import operations
from service.commands.platforms import keys, platforms
from service.commands.program import Program
from service.commands.quotas import quotas, usage
from service.commands.serve import serve
from service.commands.sql import sql
from service.commands.statistics import statistics
from service.version import VERSION

app = typer.Typer(
    name="twinbase",
    cls=Program,
    help="A PostgreSQL database for every agent.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("serve")(serve)
app.command("init")(init)
app.add_typer(migrate, name="migrate")
app.add_typer(databases, name="databases")
app.command("sql")(sql)
app.add_typer(operations, name="operations")
app.add_typer(platforms, name="platforms")
app.add_typer(keys, name="keys")
app.add_typer(quotas, name="quotas")
app.command("doctor")(doctor)
app.command("health")(health)
app.command("usage")(usage)
app.command("statistics")(statistics)
app.add_typer(audit, name="audit")
app.command("env")(env)


def _tell_version(*, value: bool) -> None:
    if value:
        typer.echo(f"twinbase {VERSION}")
        raise typer.Exit


@app.callback()
def twinbase(
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
    app(prog_name="twinbase")
