"""The command ``python -m service``: serve, doctor, migrations by hand, who may do how much."""

from pathlib import Path
from typing import Annotated

import typer

from repository.migrations import (
    current_revision,
    migrate_check,
    migrate_down,
    migrate_up,
    newest_revision,
)
from service.audit_commands import audit
from service.examination import as_json, as_text, examine
from service.invocation import one_line_errors, settings_of, with_engine
from service.platform_commands import keys, platforms
from service.quota_commands import quotas, usage
from service.server import serve
from service.statistics_command import statistics

FOUND = 1
NOT_EXAMINED = 2

app = typer.Typer(
    name="twinbase",
    help="A PostgreSQL database for every agent.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
migrations = typer.Typer(help="Migrations of schema twinbase.", no_args_is_help=True)
app.add_typer(migrations, name="migrate")
app.add_typer(platforms, name="platforms")
app.add_typer(keys, name="keys")
app.add_typer(quotas, name="quotas")
app.command("usage")(usage)
app.command("statistics")(statistics)
app.add_typer(audit, name="audit")


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
    settings = settings_of(
        host=host,
        port=port,
        workers=workers,
        data_dir=data_dir,
        database_url=database_url,
        admin_url=admin_url,
        log_level=log_level,
        log_format=log_format,
    )
    with one_line_errors():
        serve(settings)


@app.command("doctor")
def doctor_command(
    *, for_programs: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Tell what is not as it must be. Exit code 0: nothing; 1: something; 2: it could not look."""
    heartbeat = settings_of().operation_heartbeat
    findings = with_engine(lambda engine: examine(engine, heartbeat), NOT_EXAMINED)
    typer.echo(as_json(findings) if for_programs else as_text(findings))
    raise typer.Exit(FOUND if findings else 0)


@migrations.command()
def up() -> None:
    """Bring schema twinbase to the newest revision."""
    with_engine(migrate_up)
    typer.echo(f"at {newest_revision()}")


@migrations.command()
def down(revision: Annotated[str, typer.Argument(help="-1, base or a revision")] = "-1") -> None:
    """Go back one revision, or to the one named. Refuses while databases would lose by it."""
    with_engine(lambda engine: migrate_down(engine, revision))
    typer.echo("done")


@migrations.command()
def status() -> None:
    """The database's revision and this code's."""
    revision = with_engine(current_revision)
    typer.echo(f"database: {revision or 'nothing'}, code: {newest_revision()}")


@migrations.command()
def check() -> None:
    """Fail where the models and the migrated database disagree."""
    with_engine(migrate_check)
