"""The commands ``migrate``: migrations of schema twinbase by hand."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from repository.migrations import (
    current_revision,
    migrate_check,
    migrate_down,
    migrate_up,
    newest_revision,
)
from service.commands.invocation import with_engine, with_settings
from service.commands.tables import ForPrograms, tell_one
from service.start_up import revision_as_it_is

migrate = typer.Typer(help="Migrations of schema twinbase.", no_args_is_help=True)


@migrate.command()
def up(*, json: ForPrograms = False) -> None:
    """Bring schema twinbase to the newest revision."""

    async def migrated(engine: AsyncEngine) -> dict[str, object]:
        await migrate_up(engine)
        return await _revisions(engine)

    tell_one(with_engine(migrated), json=json)


@migrate.command(context_settings={"ignore_unknown_options": True})  # -1 is none
def down(
    revision: Annotated[str, typer.Argument(help="-1, base or a revision")] = "-1",
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Also where something would be lost.")
    ] = False,
    json: ForPrograms = False,
) -> None:
    """Go back one revision, or to the one named. Refuses where something would be lost by it."""

    async def migrated(engine: AsyncEngine) -> dict[str, object]:
        await migrate_down(engine, revision, force=force)
        return await _revisions(engine)

    tell_one(with_engine(migrated), json=json)


@migrate.command()
def status(*, json: ForPrograms = False) -> None:
    """The database's revision and this code's."""
    tell_one(_told(with_settings(revision_as_it_is)), json=json)


@migrate.command()
def check(*, json: ForPrograms = False) -> None:
    """Fail where the models and the migrated database disagree."""

    async def checked(engine: AsyncEngine) -> dict[str, object]:
        await migrate_check(engine)
        return await _revisions(engine)

    tell_one(with_engine(checked), json=json)


async def _revisions(engine: AsyncEngine) -> dict[str, object]:
    return _told(await current_revision(engine))


def _told(revision: str | None) -> dict[str, object]:
    return {"database": revision or "nothing", "code": newest_revision()}
