"""What the audit has, read past the service."""

import asyncpg

from tests.client import Row

_COLUMNS = (
    "platform_name, key_prefix, uid, app_id, sid, verb, database_id, new_database_id, target,"
    " operation_id, code, outcome, count"
)


async def audited(admin: asyncpg.Connection, sid: str | None = None) -> list[Row]:
    """Oldest first; of one request, or all."""
    rows = await admin.fetch(
        f"SELECT {_COLUMNS} FROM twinbase.audit WHERE $1::text IS NULL OR sid = $1 ORDER BY id",
        sid,
    )
    return [dict(row) for row in rows]


async def told(admin: asyncpg.Connection, *names: str) -> list[tuple[object, ...]]:
    """These of the columns, of all rows."""
    return [tuple(row[name] for name in names) for row in await audited(admin)]
