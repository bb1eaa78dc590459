"""The commands ``operations``: as the verbs about operations, for whoever began them."""

from functools import partial
from typing import Annotated

import typer

from api.operations import OperationView
from domain.operation import Operation, OperationPage, OperationStatus
from domain.platform import DEFAULT_PLATFORM
from domain.ports import UnitOfWorkFactory
from service.commands.acting import (
    Cursor,
    Limit,
    Only,
    OnlyDatabase,
    OperationId,
    Platform,
    caller_named,
    tell_of_more,
)
from service.commands.invocation import with_core, with_work
from service.commands.progress import succeeded, to_its_end
from service.commands.tables import ForPrograms, as_json, tell, tell_one
from service.core import Core
from service.use_cases.list_operations import ListOperations, list_operations
from service.use_cases.whosever import operation_of_whosever

operations = typer.Typer(help="Long work: list, show, cancel, watch.", no_args_is_help=True)


@operations.command("list")
def list_page(  # noqa: PLR0917 - typer makes options of parameters
    uid: Only = None,
    space: Only = None,
    platform: Platform = DEFAULT_PLATFORM,
    database_id: OnlyDatabase = None,
    status: Annotated[OperationStatus | None, typer.Option(help="Only those that are so.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    *,
    json: ForPrograms = False,
) -> None:
    """List operations, newest first: everybody's, or those of a uid or a space."""

    async def find(unit_of_work: UnitOfWorkFactory) -> OperationPage:
        caller = await caller_named(uid, space, platform, unit_of_work)
        command = ListOperations(caller, database_id, status, cursor, limit)
        return await list_operations(command, unit_of_work)

    page = with_work(find)
    tell([_all(each) if json else _line(each) for each in page.operations], json=json)
    tell_of_more(page.next_cursor)


@operations.command("show")
def show(operation_id: OperationId, *, json: ForPrograms = False) -> None:
    """Tell how far an operation is, and what came of it."""
    _tell(with_work(partial(operation_of_whosever, operation_id)), json=json)


@operations.command("cancel")
def cancel(operation_id: OperationId, *, json: ForPrograms = False) -> None:
    """End an operation and take away what it has made."""

    async def end(core: Core) -> Operation:
        askers, asker = await core.asker_of(operation_id)
        return await askers.cancel_operation(asker, operation_id)

    _tell(with_core(end), json=json)


@operations.command("watch")
def watch(operation_id: OperationId, *, json: ForPrograms = False) -> None:
    """Follow an operation to its end; with --json a line for each change."""

    async def follow(core: Core) -> Operation:
        askers, asker = await core.asker_of(operation_id)
        seen = askers.watch_operation(asker, operation_id)
        tell_change = _tell_at_once if json else lambda _operation: None
        return succeeded(await to_its_end(seen, tell_change))

    operation = with_core(follow)
    if not json:
        _tell(operation, json=json)


def _tell_at_once(operation: Operation) -> None:
    typer.echo(as_json(_all(operation)))


def _tell(operation: Operation, *, json: bool) -> None:
    tell_one(_all(operation), json=json)


def _all(operation: Operation) -> dict[str, object]:
    return OperationView.of(operation).model_dump()


def _line(operation: Operation) -> dict[str, object]:
    return {
        "operation_id": operation.id,
        "kind": operation.kind,
        "status": operation.status,
        "percent": operation.progress.percent,
        "database_id": operation.database_id,
        "uid": operation.uid,
        "create_at": operation.create_at,
        "finished_at": operation.finished_at,
    }
