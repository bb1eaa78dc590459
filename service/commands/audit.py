"""The command ``audit``: as the verb list_audit, without a key."""

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from domain.audit import AuditEntry, AuditFilter
from service.commands.acting import Cursor, OnlyDatabase
from service.commands.invocation import with_work
from service.commands.tables import ForPrograms, tell
from service.use_cases.list_audit import ListAudit, list_audit

audit = typer.Typer(help="Who changed what, and what came of it.", no_args_is_help=True)

_ONLY = "Only of this one."


@audit.command("list")
def list_entries(  # noqa: PLR0917 - typer makes options of parameters
    platform: Annotated[str | None, typer.Option(help=_ONLY)] = None,
    uid: Annotated[str | None, typer.Option(help=_ONLY)] = None,
    database_id: OnlyDatabase = None,
    verb: Annotated[str | None, typer.Option(help=_ONLY)] = None,
    sid: Annotated[str | None, typer.Option(help=_ONLY)] = None,
    target: Annotated[str | None, typer.Option(help=_ONLY)] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", help="No earlier than this; UTC.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Earlier than this; UTC.")] = None,
    cursor: Cursor = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=100_000)] = 50,
    *,
    json: ForPrograms = False,
) -> None:
    """List who changed what, newest first."""
    asked = AuditFilter(
        platform, uid, database_id, verb, sid, target, since=_utc(since), until=_utc(until)
    )
    page = with_work(partial(list_audit, ListAudit(asked, cursor, limit)))
    tell([asdict(entry) if json else _line(entry) for entry in page.entries], json=json)
    if page.next_cursor is not None and not json:
        typer.echo(f"There is more: --cursor {page.next_cursor}")


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _line(entry: AuditEntry) -> dict[str, object]:
    """What people look for first; ``--json`` tells all of it."""
    return {
        "at": entry.at,
        "platform": entry.platform_name,
        "key": entry.key_prefix,
        "app_id": entry.app_id,
        "uid": entry.uid,
        "verb": entry.verb,
        "database_id": entry.database_id,
        "target": entry.target,
        "outcome": entry.outcome,
        "code": entry.code,
        "count": entry.count,
        "sid": entry.sid,
    }
