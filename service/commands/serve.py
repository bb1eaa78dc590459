"""The command ``serve``: the service itself."""

from pathlib import Path
from typing import Annotated

import structlog
import typer

from service import server
from service.commands.given_settings import settings_of
from service.commands.invocation import one_line_errors
from service.commands.tables import ForPrograms
from service.origins import no_settings

_LOG = structlog.get_logger()


def serve(  # noqa: PLR0917 - typer makes options of parameters
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
    *,
    json: ForPrograms = False,
) -> None:
    """Start everything and serve until Ctrl-C. Every option is also a setting TWINBASE_*."""
    settings = settings_of(
        quiet=False,
        host=host,
        port=port,
        workers=workers,
        data_dir=data_dir,
        database_url=database_url,
        admin_url=admin_url,
        log_level=log_level,
        log_format=log_format,
    )
    for name, origin in no_settings():
        _LOG.warning("no_such_setting", name=name, origin=origin)
    with one_line_errors():
        server.serve(settings, for_programs=json)
