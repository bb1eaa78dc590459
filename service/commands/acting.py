"""Whose databases and operations a command means, where it does not mean everybody's."""

from typing import Annotated

import typer

from domain.ownership import Caller
from domain.platform import DEFAULT_PLATFORM
from domain.ports import UnitOfWorkFactory
from service.commands.tables import as_json, is_for_programs

Only = Annotated[str | None, typer.Option(help="Only those of this one.")]
Platform = Annotated[str, typer.Option(help="The platform whose --uid or --space that is.")]
MOST = 2**63 - 1
"""Of an id."""

DatabaseId = Annotated[int, typer.Argument(help="The database's id.", min=1, max=MOST)]
OperationId = Annotated[int, typer.Argument(help="The operation's id.", min=1, max=MOST)]
OnlyDatabase = Annotated[
    int | None, typer.Option("--database-id", help="Only of this database.", min=1, max=MOST)
]
Cursor = Annotated[int | None, typer.Option(help="The id of the last one before.", min=1, max=MOST)]
Limit = Annotated[int, typer.Option(help="How many at most.", min=1, max=100_000)]


async def caller_named(
    uid: str | None, space: str | None, platform: str, unit_of_work: UnitOfWorkFactory
) -> Caller | None:
    """None: nobody is named. Who names a space acts for it, whoever he is.

    Raises PlatformNotFound.
    """
    if uid is None and space is None:
        if platform != DEFAULT_PLATFORM:
            raise typer.BadParameter("--platform: needs --uid or --space")
        return None
    async with unit_of_work() as work:
        found = await work.platforms.find_platform(platform)
    return Caller(uid or "", space, found.id)


def tell_of_more(cursor: int | None) -> None:
    if cursor is None:
        return
    told = f"There are more: --cursor {cursor}"
    typer.echo(as_json({"next_cursor": cursor}) if is_for_programs() else told, err=True)
