"""The command ``doctor``: what is not as it must be, and with ``--fix`` what was mended of it."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from domain.audit import AuditedChange
from domain.consistency import Finding
from repository.migrations import MigrationError, newest_revision
from repository.reaching import NotReached
from service.commands.given_settings import settings_of
from service.commands.invocation import by_command, one_line_errors
from service.commands.tables import ForPrograms, as_json, as_table, is_terminal
from service.connections import pool
from service.examination import Examination, Examined, Progress
from service.settings import Settings
from service.start_up import reachable_database
from service.version import VERSION

_FOUND = 1
_NOT_EXAMINED = 2
_CONNECTIONS = 2
_REMEDIES_TOLD = 20
_TO_THE_END_OF_LINE = "\x1b[K"  # erased


def doctor(
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend.")] = False,
    json: ForPrograms = False,
) -> None:
    """Tell what is not as it must be. Exit code 0: no error is left; 1: one is; 2: could not look.

    Warnings are told and do not count: everything works, and may do so for a long time.
    """
    settings = settings_of()
    with one_line_errors(_NOT_EXAMINED), reachable_database(settings) as reachable:
        examined = asyncio.run(
            _examined(reachable, is_embedded=settings.database_url is None, fix=fix)
        )
    typer.echo(as_json(_told(examined)) if json else as_text(examined))
    raise typer.Exit(_FOUND if examined.has_errors else 0)


async def _examined(settings: Settings, *, is_embedded: bool, fix: bool) -> Examined:
    """Without the start that would mend what is to be found."""
    try:
        async with pool(settings, _CONNECTIONS) as engine:
            examination = Examination(
                settings, engine, is_embedded=is_embedded, progress=_progress()
            )
            return await (examination.fix(_change) if fix else examination.look())
    except NotReached as error:
        if not is_embedded:
            raise
        raise MigrationError(
            f"schema twinbase is at nothing, this code at {newest_revision()}: start the service"
            f" once ({error.__cause__})"
        ) from error
    finally:
        _on_terminal("")


def _change(database_id: int) -> AuditedChange:
    return by_command("doctor", str(database_id))


def _progress() -> Progress:
    """In a line that the next one replaces."""

    def show(done: int, of_all: int) -> None:
        _on_terminal(f"looked at {done:,} of {of_all:,} databases")

    return show


def _on_terminal(line: str) -> None:
    if is_terminal():
        sys.stderr.write(f"\r{_TO_THE_END_OF_LINE}{line}")
        sys.stderr.flush()


def _told(examined: Examined) -> dict[str, object]:
    return {
        "findings": [
            _fields(each) | {"reason": examined.reasons.get(each)} for each in examined.findings
        ],
        "mended": [_fields(each) for each in examined.mended],
        "examined": {
            "service": VERSION,
            "postgresql": examined.postgresql,
            "databases": examined.databases,
            "tables": examined.tables,
        },
    }


def as_text(examined: Examined) -> str:
    parts = [as_findings(examined.findings)]
    reasons = [f"not mended: {each.what}: {why}" for each, why in examined.reasons.items()]
    remedies = list(dict.fromkeys(each.remedy for each in examined.findings if each.remedy))
    if reasons:
        parts.append("\n".join(reasons))
    if remedies:
        told = [f"    {remedy};" for remedy in remedies[:_REMEDIES_TOLD]]
        if len(remedies) > _REMEDIES_TOLD:
            told.append(f"    ({len(remedies) - _REMEDIES_TOLD} more: --json)")
        parts.append("\n".join(["What mends it, as SQL of an administrator:", *told]))
    if examined.mended:
        parts.insert(0, "\n".join(f"mended: {each.what}" for each in examined.mended))
    return "\n\n".join(parts)


def as_findings(findings: Sequence[Finding]) -> str:
    return as_table(
        [
            {
                "kind": each.kind,
                "severity": each.kind.severity,
                "what": each.what,
                "since": each.since,
                "mended": f"by {each.kind.mended_by}",
            }
            for each in findings
        ]
    )


def _fields(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "severity": finding.kind.severity,
        "what": finding.what,
        "subject": finding.subject,
        "detail": finding.detail,
        "database_id": finding.database_id,
        "operation_id": finding.operation_id,
        "since": finding.since,
        "mended_by": finding.kind.mended_by,
        "remedy": finding.remedy,
    }
