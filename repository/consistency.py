"""Whether metadata, queue and schemas agree: what ``doctor`` tells and the sweep mends."""

from datetime import datetime

from asyncpg import Connection

from domain.consistency import Finding, FindingKind
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries

_SQL = queries("consistency")
_FINDINGS = "\nUNION ALL\n".join(
    f"(SELECT '{kind}', * FROM ({_SQL[kind]}) AS found)"  # noqa: S608 - constants of ours
    for kind in FindingKind
)
_LOCK = 7_990_004


class Consistency:
    """``driver`` is the connection of a running transaction; nothing here commits."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def findings(self) -> list[Finding]:
        with translated():
            rows = await fetch(self._driver, _FINDINGS)
        found = [
            Finding(
                kind=FindingKind(kind),
                subject=subject,
                database_id=database_id,
                operation_id=operation_id,
                since=None if since is None else datetime.fromisoformat(since),
            )
            for kind, subject, database_id, operation_id, since in rows
        ]
        order = list(FindingKind)
        return sorted(found, key=lambda each: (order.index(each.kind), each.subject))

    async def is_alone(self) -> bool:
        with translated():
            (row,) = await fetch(self._driver, _SQL["alone"], _LOCK)
        return bool(row[0])

    async def forget_attempts(self) -> None:
        with translated():
            await fetch(self._driver, _SQL["forget_attempts"])
