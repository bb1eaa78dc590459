"""The command ``statistics``: as the verb ``get_statistics``, without a key."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import orjson
import typer

from api.bodies import body_of
from api.statistics import GetStatisticsRequest, told
from domain.ports import UnitOfWorkFactory
from service.commands.given_settings import settings_of
from service.commands.invocation import with_work
from service.commands.tables import NOTHING, ForPrograms, as_table
from service.tally import RequestTally
from service.use_cases.get_statistics import get_statistics

# What one table shows of the same rows, and what the next one.
_REQUESTS = ("requests", "success_rate", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "failures")
_SIZES = ("rows_in", "rows_out", "bytes_in", "bytes_out")


def statistics(
    since: Annotated[
        str | None, typer.Option("--from", help="As 2026-11-22T09:00Z; an hour before --to.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Likewise; now.")] = None,
    step: Annotated[
        str | None, typer.Option(help="minute, hour, day, or seconds: points of this length.")
    ] = None,
    platform: Annotated[str | None, typer.Option(help="Only this platform's.")] = None,
    verb: Annotated[str | None, typer.Option(help="Only this verb's.")] = None,
    *,
    json: ForPrograms = False,
) -> None:
    """Tell how many requests there were, of which outcome, and how long they took."""
    keeping = settings_of().keeping
    fields = {"from": since, "to": until, "step": step, "platform_name": platform, "verb": verb}

    async def find(unit_of_work: UnitOfWorkFactory) -> Mapping[str, Any]:
        command = body_of(GetStatisticsRequest, fields).command(platform)
        tally = RequestTally(unit_of_work)
        return await told(await get_statistics(command, unit_of_work, tally, keeping))

    data = with_work(find)
    typer.echo(orjson.dumps(data).decode() if json else as_text(data))


def as_text(data: Mapping[str, Any]) -> str:
    tables = [
        *(
            [{name: each[name] or "(none)", **_shown(each, columns)} for each in data[group]]
            for columns in (_REQUESTS, _SIZES)
            for group, name in (("verbs", "verb"), ("platforms", "platform_name"))
        ),
        data["operations"],
        [{"at": each["at"], **_shown(each, _REQUESTS)} for each in data["points"]],
    ]
    found = [as_table(rows) for rows in tables if rows]
    ends = f"{data['from'].isoformat()} – {data['to'].isoformat()}"
    return "\n\n".join((ends, *found) if found else (ends, NOTHING))


def _shown(figures: Mapping[str, Any], columns: Sequence[str]) -> dict[str, object]:
    return {name: _cell(figures[name]) for name in columns}


def _cell(value: object) -> object:
    """Of failures: how many of which code."""
    if isinstance(value, list):
        return ", ".join(f"{each['requests']} × {each['code']}" for each in value)
    return value
