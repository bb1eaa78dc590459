"""What most commands share: errors in one line, and PostgreSQL."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from getpass import getuser
from typing import Any, TypeVar

import typer
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine

from api.bodies import body_of
from domain.audit import Affected, AuditedChange, of_no_request
from domain.ports import UnitOfWorkFactory
from exceptions.errors import InvalidParameter, TwinbaseError
from repository.bootstrap import BootstrapError
from repository.driver_errors import DRIVER_ERRORS
from repository.migrations import MigrationError
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.commands.given_settings import settings_of
from service.commands.tables import complain
from service.core import Core, twinbase_core
from service.embedded_server import EmbeddedServerError
from service.settings import Settings
from service.start_up import (
    StartError,
    prepared_engine,
    reachable_database,
    refuse_other_versions,
)

FAILED = 1
_LONGEST_ACCOUNT = 50
_COMMAND_LINE = "command-line"

Result = TypeVar("Result")
Body = TypeVar("Body", bound=BaseModel)


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
    except TwinbaseError as error:
        complain(str(error), error.code)
        raise typer.Exit(exit_code) from None
    except (StartError, BootstrapError, EmbeddedServerError, MigrationError) as error:
        complain(str(error))
        raise typer.Exit(exit_code) from None
    except BrokenPipeError:  # of standard output: who reads it has seen enough
        raise
    except DRIVER_ERRORS as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        complain(f"PostgreSQL refuses: {reason}")
        raise typer.Exit(exit_code) from None


def with_settings(action: Callable[[Settings], Coroutine[Any, Any, Result]]) -> Result:
    """That lead to a PostgreSQL, of which nothing is made."""
    settings = settings_of()
    with one_line_errors(), reachable_database(settings) as reachable:
        return asyncio.run(action(reachable))


def with_engine(action: Callable[[AsyncEngine], Coroutine[Any, Any, Result]]) -> Result:
    async def run(reachable: Settings) -> Result:
        async with prepared_engine(reachable) as engine:
            return await action(engine)

    return with_settings(run)


def by_command(verb: str, target: str) -> AuditedChange:
    """What the audit tells of a command: the account that runs it, where that has a name."""
    return replace(of_no_request(verb, _COMMAND_LINE, _account()), subject=Affected(target=target))


def _account() -> str | None:
    try:
        return getuser()[:_LONGEST_ACCOUNT]
    except (KeyError, OSError):
        return None


def with_work(action: Callable[[UnitOfWorkFactory], Coroutine[Any, Any, Result]]) -> Result:
    """For a use case, on a database that this code's migrations have made."""

    async def run(reachable: Settings) -> Result:
        async with prepared_engine(reachable) as engine:
            await refuse_other_versions(engine)
            return await action(PostgresUnitOfWorkFactory(engine, reachable.timeouts))

    return with_settings(run)


def with_core(
    action: Callable[[Core], Coroutine[Any, Any, Result]], *, runs_operations: bool = False
) -> Result:
    """For verbs. ``runs_operations``: that no service may be running to run.

    The audit tells of changes that a uid makes by command-line, and of whose account it was.
    """
    settings = settings_of()
    account = _account()
    acting = _COMMAND_LINE if account is None else f"{_COMMAND_LINE}:{account}"

    async def run() -> Result:
        opened = twinbase_core(
            settings, acting=acting, uid=account, runs_operations=runs_operations
        )
        async with opened as core:
            return await action(core)

    with one_line_errors():
        return asyncio.run(run())
