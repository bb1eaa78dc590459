"""Whether metadata, queue and schemas agree: what ``doctor`` tells and the sweep mends."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from asyncpg import Connection

from domain.consistency import Finding, FindingKind
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries

_SQL = queries("consistency")


def _looking_for(kinds: Iterable[FindingKind]) -> str:
    return "\nUNION ALL\n".join(
        f"(SELECT '{kind}', * FROM ({_SQL[kind]}) AS found)"  # noqa: S608 - constants of ours
        for kind in kinds
    )


_FINDINGS = _looking_for(FindingKind)
_MENDED = _looking_for(kind for kind in FindingKind if kind.is_mended)
_LOCK = 7_990_004


class Consistency:
    """``driver`` is the connection of a running transaction; nothing here commits."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def findings(self, silence: timedelta, *, mended: bool = False) -> list[Finding]:
        query = _MENDED if mended else _FINDINGS
        with translated():
            rows = await fetch(self._driver, query, silence.total_seconds())
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
