"""The commands ``databases``: as the verbs about databases, for whoever owns them."""

from functools import partial
from typing import Annotated

import typer

from api.descriptions import DatabaseView
from api.operations import ClonedView, DroppedView
from api.schemas import DatabaseLine
from domain.copies import Verify
from domain.database import Database, DatabasePage, RowAccess
from domain.description import DatabaseDescription, SchemaDescription
from domain.operation import Operation
from domain.ownership import Caller
from domain.platform import DEFAULT_PLATFORM
from domain.ports import UnitOfWorkFactory
from domain.schema import Environment
from service.commands.acting import (
    Cursor,
    DatabaseId,
    Limit,
    Only,
    Platform,
    caller_named,
    tell_of_more,
)
from service.commands.invocation import with_core, with_work
from service.commands.progress import succeeded, tell_what_goes_on, to_its_end
from service.commands.tables import ForPrograms, printable, tell, tell_one
from service.core import Core
from service.use_cases.get_database import GetDatabase, get_database
from service.use_cases.list_databases import ListDatabases, list_databases
from service.use_cases.whosever import database_of_whosever

databases = typer.Typer(help="Databases: list, show, create, clone, drop.", no_args_is_help=True)

Wait = Annotated[bool, typer.Option(help="For its end, or only until it has begun.")]


@databases.command("list")
def list_page(  # noqa: PLR0917 - typer makes options of parameters
    uid: Only = None,
    space: Only = None,
    platform: Platform = DEFAULT_PLATFORM,
    name: Annotated[str, typer.Option(help="Only where the name contains this.")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
    *,
    json: ForPrograms = False,
) -> None:
    """List databases, newest first: everybody's, or those of a uid or a space."""

    async def find(unit_of_work: UnitOfWorkFactory) -> DatabasePage:
        caller = await caller_named(uid, space, platform, unit_of_work)
        return await list_databases(ListDatabases(caller, name, cursor, limit), unit_of_work)

    page = with_work(find)
    tell([_line(each) for each in page.databases], json=json)
    tell_of_more(page.next_cursor)


@databases.command("show")
def show(database_id: DatabaseId, *, json: ForPrograms = False) -> None:
    """Describe a database; with --json its tables, columns, keys, views and all else."""

    async def find(unit_of_work: UnitOfWorkFactory) -> DatabaseDescription:
        database = await database_of_whosever(database_id, unit_of_work)
        owner = Caller(database.uid, platform_id=database.platform_id)
        return await get_database(GetDatabase(database_id, owner), unit_of_work)

    described = with_work(find)
    if json:
        tell_one(DatabaseView.described(described).model_dump(), json=json)
        return
    tell_one(_line(described.database), json=json)
    for schema in described.schemas:
        typer.echo()
        tell(_tables(schema), json=json)


@databases.command("create")
def create(  # noqa: PLR0917 - typer makes options of parameters
    database_name: Annotated[str, typer.Argument(help="Its name.")],
    uid: Annotated[str, typer.Option(help="Who owns it.")],
    space: Annotated[str | None, typer.Option(help="The space that it belongs to.")] = None,
    platform: Annotated[str, typer.Option(help="Whose uid that is.")] = DEFAULT_PLATFORM,
    description: Annotated[str, typer.Option(help="What is in it.")] = "",
    row_access: Annotated[
        RowAccess, typer.Option(help="Which rows callers reach.")
    ] = RowAccess.OWN,
    *,
    json: ForPrograms = False,
) -> None:
    """Create a database, for a uid."""

    async def make(core: Core) -> Database:
        of_platform = await core.of_platform(platform)
        return await of_platform.create_database(
            uid, database_name, description=description, space_id=space, row_access=row_access
        )

    tell_one(_line(with_core(make)), json=json)


@databases.command("clone")
def clone(  # noqa: PLR0917 - typer makes options of parameters
    database_id: DatabaseId,
    new_database_name: Annotated[str, typer.Argument(help="The copy's name.")],
    target_space: Annotated[
        str | None, typer.Option(help="The copy's space; the source's where none is named.")
    ] = None,
    environment: Annotated[
        list[Environment] | None, typer.Option(help="Only this one; both where none is named.")
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option(help="Only this table and what is its; several times.")
    ] = None,
    verify: Annotated[Verify, typer.Option(help="How rows are compared.")] = Verify.COUNTS,
    *,
    schema_only: Annotated[bool, typer.Option(help="Without rows.")] = False,
    wait: Wait = True,
    json: ForPrograms = False,
) -> None:
    """Clone a database, for its owner. Ctrl-C ends the waiting, and not the clone."""

    async def begin(core: Core) -> Operation:
        owners, owner = await core.owner_of(database_id)
        begun = await owners.clone_database(
            owner,
            database_id,
            new_database_name,
            target_space_id=target_space,
            environments=environment or list(Environment),
            schema_only=schema_only,
            tables=table or None,
            verify=verify,
            wait=False,
        )
        return await _perhaps_ended(begun, owners, owner, wait=wait)

    tell_one(ClonedView.told(with_core(begin, runs_operations=wait)), json=json)


@databases.command("drop")
def drop(
    database_id: DatabaseId,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Wait = True,
    json: ForPrograms = False,
) -> None:
    """Drop a database with everything in it, for its owner. Asks before, for its name."""
    if not yes:
        _confirm(database_id)

    async def begin(core: Core) -> Operation | None:
        owners, owner = await core.owner_of(database_id)
        begun = await owners.drop_database(owner, database_id, wait=False)
        return begun and await _perhaps_ended(begun, owners, owner, wait=wait)

    operation = with_core(begin, runs_operations=wait)
    dropped: dict[str, object] = {"database_id": database_id, "status": "succeeded"}
    tell_one(dropped if operation is None else dropped | DroppedView.told(operation), json=json)


async def _perhaps_ended(begun: Operation, core: Core, uid: str, *, wait: bool) -> Operation:
    if not wait:
        return begun
    try:
        ended = await to_its_end(core.watch_operation(uid, begun.id))
    except BaseException:
        tell_what_goes_on(begun)
        raise
    return succeeded(ended)


def _confirm(database_id: int) -> None:
    database = with_work(partial(database_of_whosever, database_id))
    owner = printable(database.uid)
    typed = typer.prompt(f"Type {database.name} to drop it, of {owner}", err=True)
    if typed != database.name:
        raise typer.BadParameter("that is not its name: nothing was dropped")


def _line(database: Database) -> dict[str, object]:
    return DatabaseLine.of(database).model_dump()


def _tables(schema: SchemaDescription) -> list[dict[str, object]]:
    return [
        {
            "environment": schema.environment,
            "table": table.name,
            "columns": len(table.columns),
            "rows": table.rows,
            "bytes": table.bytes,
        }
        for table in schema.tables
    ]
