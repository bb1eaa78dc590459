"""What all commands share: settings, errors in one line, and PostgreSQL."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from getpass import getuser
from typing import Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.verbs import body_of
from domain.audit import Affected, AuditedChange, of_no_request
from domain.ports import UnitOfWorkFactory
from exceptions.errors import InvalidParameter, TwinbaseError
from repository.bootstrap import BootstrapError
from repository.driver_errors import DRIVER_ERRORS
from repository.migrations import MigrationError, current_revision, newest_revision
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.embedded_server import EmbeddedServerError
from service.logs import configure_logs
from service.server import StartError, prepared_engine, reachable_database
from service.settings import Settings, explain

WRONG_SETTING = 2
FAILED = 1
_LONGEST_ACCOUNT = 64

Result = TypeVar("Result")
Body = TypeVar("Body", bound=BaseModel)


def settings_of(**given: Any) -> Settings:
    """Options that were given win over the environment. Exits with 2 where one is wrong."""
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        typer.echo(f"twinbase: {explain(error)}", err=True)
        raise typer.Exit(WRONG_SETTING) from None
    configure_logs(settings.log_level, settings.log_format)
    return settings


def asked(model: type[Body], **fields: object) -> Body:
    """As the verb of that body would take it, or refuse it. Raises BadParameter."""
    try:
        return body_of(model, fields)
    except InvalidParameter as error:
        raise typer.BadParameter(str(error)) from None


@contextmanager
def one_line_errors(exit_code: int = FAILED) -> Iterator[None]:
    try:
        yield
    except (
        StartError,
        BootstrapError,
        EmbeddedServerError,
        MigrationError,
        TwinbaseError,
    ) as error:
        typer.echo(f"twinbase: {error}", err=True)
        raise typer.Exit(exit_code) from None
    except DRIVER_ERRORS as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        typer.echo(f"twinbase: PostgreSQL refuses: {reason}", err=True)
        raise typer.Exit(exit_code) from None


def with_engine(
    action: Callable[[AsyncEngine], Coroutine[Any, Any, Result]], failed: int = FAILED
) -> Result:
    settings = settings_of()

    async def run(reachable: Settings) -> Result:
        async with prepared_engine(reachable) as engine:
            return await action(engine)

    with one_line_errors(failed), reachable_database(settings) as reachable:
        return asyncio.run(run(reachable))


def by_command(verb: str, target: str) -> AuditedChange:
    """What the audit tells of a command: the account that runs it, where that has a name."""
    try:
        account = getuser()
    except (KeyError, OSError):
        account = None
    change = of_no_request(verb, "command-line", account and account[:_LONGEST_ACCOUNT])
    return replace(change, subject=Affected(target=target))


def with_work(action: Callable[[UnitOfWorkFactory], Coroutine[Any, Any, Result]]) -> Result:
    """For a use case, on a database that this code's migrations have made."""

    async def run(engine: AsyncEngine) -> Result:
        revision = await current_revision(engine)
        if revision != newest_revision():
            raise StartError(
                f"the database is at {revision or 'nothing'}, this needs {newest_revision()}:"
                " python -m service migrate up, or start the service once"
            )
        return await action(PostgresUnitOfWorkFactory(engine, settings_of().timeouts))

    return with_engine(run)
