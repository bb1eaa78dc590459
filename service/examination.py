"""What the command ``doctor`` looks at, and how it tells what it found.

Whatever else it is to find is one more kind of finding (``domain/consistency.py``), and the query
of that name (``repository/sql/consistency.sql``).
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.consistency import Finding
from domain.timeouts import Timeouts
from repository.migrations import MigrationError, current_revision, newest_revision
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.use_cases.doctor import doctor

_TIMEOUTS = Timeouts(statement=600_000, lock=5_000)
_HEADINGS = ("KIND", "WHAT", "SINCE", "MENDED")
_NOTHING = "Nothing found."


async def examine(engine: AsyncEngine, heartbeat: float) -> list[Finding]:
    """Raises MigrationError where the database is of another version than this code."""
    revision = await current_revision(engine)
    if revision != newest_revision():
        raise MigrationError(
            f"schema twinbase is at {revision or 'nothing'}, this code at {newest_revision()}: "
            "the migration comes first"
        )
    return await doctor(PostgresUnitOfWorkFactory(engine, _TIMEOUTS), heartbeat)


def as_json(findings: Sequence[Finding]) -> str:
    return orjson.dumps({"findings": [_fields(each) for each in findings]}).decode()


def as_table(findings: Sequence[Finding]) -> str:
    if not findings:
        return _NOTHING
    rows = [_HEADINGS, *map(_cells, findings)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _fields(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "what": finding.what,
        "subject": finding.subject,
        "database_id": finding.database_id,
        "operation_id": finding.operation_id,
        "since": finding.since,
        "mended": finding.kind.is_mended,
    }


def _cells(finding: Finding) -> tuple[str, str, str, str]:
    since = "" if finding.since is None else finding.since.isoformat(timespec="seconds")
    mended = "by the service" if finding.kind.is_mended else "by you"
    return finding.kind, finding.what, since, mended
