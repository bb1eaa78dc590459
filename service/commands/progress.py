"""Long work, for who waits for it."""

from collections.abc import AsyncIterator, Callable

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from domain.operation import Operation, OperationStatus
from exceptions.errors import ServerError, error_named
from service.commands.tables import is_terminal


def _nothing(_operation: Operation) -> None:
    pass


async def to_its_end(
    seen: AsyncIterator[Operation], tell: Callable[[Operation], None] = _nothing
) -> Operation | None:
    """A bar on standard error, where that is a terminal; ``tell``: with each change."""
    operation: Operation | None = None
    with _bar() as bar:
        task = bar.add_task("", total=100)
        async for operation in seen:
            progress = operation.progress
            bar.update(
                task, completed=progress.percent, description=progress.step or operation.status
            )
            tell(operation)
    return operation


def succeeded(operation: Operation | None) -> Operation:
    """Raises what the operation has failed with."""
    if operation is None or operation.status in {OperationStatus.FAILED, OperationStatus.CANCELLED}:
        error = operation and operation.error
        raise error_named(error["error"], error["message"]) if error else ServerError
    return operation


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not is_terminal(),
    )


def tell_what_goes_on(operation: Operation) -> None:
    typer.echo(
        f"Operation {operation.id} goes on where a service runs;"
        f" twinbase operations cancel {operation.id} ends it.",
        err=True,
    )
