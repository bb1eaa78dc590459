"""The command ``python -m service``: serve, doctor, and migrations by hand."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from exceptions.errors import TwinbaseError
from repository.bootstrap import BootstrapError
from repository.driver_errors import DRIVER_ERRORS
from repository.migrations import (
    MigrationError,
    current_revision,
    migrate_check,
    migrate_down,
    migrate_up,
    newest_revision,
)
from service.embedded_server import EmbeddedServerError
from service.examination import as_json, as_table, examine
from service.logs import configure_logs
from service.server import StartError, prepared_engine, reachable_database, serve
from service.settings import Settings, explain

WRONG_SETTING = 2
FAILED = 1
FOUND = 1
NOT_EXAMINED = 2

Result = TypeVar("Result")

app = typer.Typer(
    name="twinbase",
    help="A PostgreSQL database for every agent.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
migrations = typer.Typer(help="Migrations of schema twinbase.", no_args_is_help=True)
app.add_typer(migrations, name="migrate")


def _settings(**given: Any) -> Settings:
    """Options that were given win over the environment. Exits with 2 where one is wrong."""
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        typer.echo(f"twinbase: {explain(error)}", err=True)
        raise typer.Exit(WRONG_SETTING) from None
    configure_logs(settings.log_level, settings.log_format)
    return settings


@contextmanager
def _one_line_errors(exit_code: int = FAILED) -> Iterator[None]:
    try:
        yield
    except (StartError, BootstrapError, EmbeddedServerError, MigrationError) as error:
        typer.echo(f"twinbase: {error}", err=True)
        raise typer.Exit(exit_code) from None
    except TwinbaseError as error:
        typer.echo(f"twinbase: {error}", err=True)
        raise typer.Exit(exit_code) from None
    except DRIVER_ERRORS as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        typer.echo(f"twinbase: PostgreSQL refuses: {reason}", err=True)
        raise typer.Exit(exit_code) from None


@app.command("serve")
def serve_command(  # noqa: PLR0917 - typer makes options of parameters
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[str | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[str | None, typer.Option(help="Processes that serve.")] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the embedded PostgreSQL.")
    ] = None,
    database_url: Annotated[str | None, typer.Option(help="An external PostgreSQL.")] = None,
    admin_url: Annotated[str | None, typer.Option(help="An administrator of it.")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
    log_format: Annotated[str | None, typer.Option(help="json or console.")] = None,
) -> None:
    """Start everything and serve until Ctrl-C. Every option is also a setting TWINBASE_*."""
    settings = _settings(
        host=host,
        port=port,
        workers=workers,
        data_dir=data_dir,
        database_url=database_url,
        admin_url=admin_url,
        log_level=log_level,
        log_format=log_format,
    )
    with _one_line_errors():
        serve(settings)


@app.command("doctor")
def doctor_command(
    *, for_programs: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Tell what is not as it must be. Exit code 0: nothing; 1: something; 2: it could not look."""
    heartbeat = _settings().operation_heartbeat
    findings = _with_engine(lambda engine: examine(engine, heartbeat), NOT_EXAMINED)
    typer.echo(as_json(findings) if for_programs else as_table(findings))
    raise typer.Exit(FOUND if findings else 0)


@migrations.command()
def up() -> None:
    """Bring schema twinbase to the newest revision."""
    _with_engine(migrate_up)
    typer.echo(f"at {newest_revision()}")


@migrations.command()
def down(revision: Annotated[str, typer.Argument(help="-1, base or a revision")] = "-1") -> None:
    """Go back one revision, or to the one named. Refuses while databases would lose by it."""
    _with_engine(lambda engine: migrate_down(engine, revision))
    typer.echo("done")


@migrations.command()
def status() -> None:
    """The database's revision and this code's."""
    revision = _with_engine(current_revision)
    typer.echo(f"database: {revision or 'nothing'}, code: {newest_revision()}")


@migrations.command()
def check() -> None:
    """Fail where the models and the migrated database disagree."""
    _with_engine(migrate_check)


def _with_engine(
    action: Callable[[AsyncEngine], Coroutine[Any, Any, Result]], failed: int = FAILED
) -> Result:
    settings = _settings()

    async def run(reachable: Settings) -> Result:
        async with prepared_engine(reachable) as engine:
            return await action(engine)

    with _one_line_errors(failed), reachable_database(settings) as reachable:
        return asyncio.run(run(reachable))
