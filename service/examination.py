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
from service.tables import as_table
from service.use_cases.doctor import doctor

_TIMEOUTS = Timeouts(statement=600_000, lock=5_000)


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


def as_text(findings: Sequence[Finding]) -> str:
    return as_table(
        [
            {
                "kind": each.kind,
                "what": each.what,
                "since": each.since,
                "mended": "by the service" if each.kind.is_mended else "by you",
            }
            for each in findings
        ]
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
