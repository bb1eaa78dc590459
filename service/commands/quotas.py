"""The commands ``quotas`` and ``usage``: as the verbs of the same names, without a key."""

from functools import partial
from typing import Annotated

import typer

from api.quotas import QuotaView, SetQuotaRequest, SetQuotaView
from api.usage import UsageOfView
from domain.quota import Resource
from domain.usage import UsageBy
from repository.limits import NoLimits
from service.commands.acting import MOST
from service.commands.given_settings import settings_of
from service.commands.invocation import asked, by_command, with_work
from service.commands.tables import ForPrograms, tell
from service.use_cases.get_usage import GetUsage, get_usage
from service.use_cases.list_quotas import list_quotas
from service.use_cases.set_quota import set_quota

quotas = typer.Typer(help="How much callers may have and do.", no_args_is_help=True)

Platform = Annotated[str | None, typer.Option("--platform", help="Of this platform only.")]
Space = Annotated[str | None, typer.Option("--space", help="Of this space.")]
Uid = Annotated[str | None, typer.Option("--uid", help="Of this uid.")]


@quotas.command("set")
def set_one(
    platform: Annotated[str, typer.Argument(help="The platform's name.")],
    most: Annotated[
        list[str],
        typer.Argument(help="databases=5, bytes=1073741824 …; databases=none: as above it."),
    ],
    space: Space = None,
    uid: Uid = None,
    *,
    json: ForPrograms = False,
) -> None:
    """Set quotas of a platform or, where one is named, of a space or a uid of it."""
    if space == "":  # which the verb takes for none, as callers send it
        raise typer.BadParameter("--space: must not be empty")
    changes = dict(map(_change, most))
    body = asked(SetQuotaRequest, platform_name=platform, space_id=space, uid=uid, **changes)
    command = body.command
    change = by_command("set_quota", command.target)
    result = with_work(partial(set_quota, command, limits=NoLimits(), change=change))
    row = QuotaView.of(result.quota).model_dump()
    if json:
        told = SetQuotaView.told(result)
        tell([row | {name: told[name] for name in ("used", "follows")}], json=json)
        return
    tell([row], json=json)
    for resource, follows in result.follows.items():
        typer.echo(f"{resource}: {follows}", err=True)


@quotas.command("list")
def list_all(platform: Platform = None, *, json: ForPrograms = False) -> None:
    """List what was set; what is empty is as above it."""
    found = with_work(partial(list_quotas, platform))
    tell([QuotaView.of(each).model_dump() for each in found], json=json)
    if not json:
        for resource, most in settings_of().quotas.items():
            typer.echo(f"where none of these holds, for each uid: {resource} {most}")


def usage(  # noqa: PLR0917 - typer makes options of parameters
    platform: Platform = None,
    space: Space = None,
    uid: Uid = None,
    database: Annotated[
        int | None, typer.Option(help="Of the database of this id.", min=1, max=MOST)
    ] = None,
    by: Annotated[UsageBy, typer.Option(help="What it is told by.")] = UsageBy.DATABASE,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help="So many at most, the largest first.")
    ] = 100,
    *,
    json: ForPrograms = False,
) -> None:
    """Tell how many databases, tables, rows and bytes there are now."""
    report = with_work(partial(get_usage, GetUsage(platform, space, uid, database, by, limit)))
    tell([UsageOfView.told(each) for each in report.usage], json=json)
    if report.truncated:
        typer.echo("There are more: see --limit.", err=True)


def _change(text: str) -> tuple[Resource, int | None]:
    name, _, number = text.partition("=")
    if name not in set(Resource):
        raise typer.BadParameter(f"{name}: is none of {', '.join(Resource)}")
    if number == "none":
        return Resource(name), None
    if not number.isdecimal():
        raise typer.BadParameter(f"{name}: must be an integer from 0 on, or none")
    return Resource(name), int(number)
