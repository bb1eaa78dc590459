"""The command ``init``: roles, schema, first key; by force, of a database that is made anew."""

import asyncio
from typing import Annotated

import typer
from pydantic import SecretStr

from repository.migrations import current_revision, migrate_up
from repository.rebuild import Contents, contents, drop
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.commands.given_settings import settings_of
from service.commands.invocation import one_line_errors
from service.commands.tables import ForPrograms, tell_one
from service.settings import Settings
from service.start_up import StartError, prepared_engine, reachable_database
from service.use_cases.first_key import first_key


def init(
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Drop the whole database, and make it anew.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --force: do not ask for the database's name.")
    ] = False,
    json: ForPrograms = False,
) -> None:
    """Make roles, schema and first key, where they are missing; a start does the same."""
    settings = settings_of()
    with one_line_errors(), reachable_database(settings) as reachable:
        if force:
            _rebuild(reachable, yes=yes)
        made = asyncio.run(_prepared(reachable))
    tell_one(made, json=json)


async def _prepared(settings: Settings) -> dict[str, object]:
    """``first_key``: None where somebody has one already."""
    async with prepared_engine(settings) as engine:
        before = await current_revision(engine)
        await migrate_up(engine)
        key = await first_key(PostgresUnitOfWorkFactory(engine, settings.timeouts))
        return {
            "revision": await current_revision(engine),
            "revision_before": before,
            "first_key": key and key.text,
        }


def _rebuild(settings: Settings, *, yes: bool) -> None:
    if settings.admin_url is None or settings.database_url is None:
        raise StartError("--force needs TWINBASE_ADMIN_URL: an administrator drops the database")
    admin_url, database_url = map(_text, (settings.admin_url, settings.database_url))
    there = asyncio.run(contents(admin_url, database_url))
    if there is None:
        return
    if not yes:
        _confirm(there)
    asyncio.run(drop(admin_url, database_url))


def _confirm(there: Contents) -> None:
    lost = [f"{there.databases} databases of tenants"]
    if there.tables_of_others:
        lost.append(f"{there.tables_of_others} tables that are not the service's")
    if there.sessions:
        lost.append(f"{there.sessions} sessions that are connected now")
    typer.echo(f"This ends {', '.join(lost)}, for good.", err=True)
    typed = typer.prompt(f"Type {there.database} to drop and make it anew", err=True)
    if typed != there.database:
        raise typer.BadParameter("that is not its name: nothing was dropped")


def _text(url: SecretStr) -> str:
    return url.get_secret_value()
