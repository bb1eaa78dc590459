"""Whether metadata, queue and schemas agree: what ``doctor`` tells and the sweep mends."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from asyncpg import Connection

from domain.consistency import OF_METADATA, DriftSlice, Finding, FindingKind
from domain.database import Database
from repository.drift import drift_slice
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries
from repository.settling_again import settle_again

_SQL = queries("consistency")


def _looking_for(kinds: Iterable[FindingKind]) -> str:
    return "\nUNION ALL\n".join(
        f"(SELECT '{kind}', * FROM ({_SQL[kind]}) AS found)"  # noqa: S608 - constants of ours
        for kind in kinds
    )


_FINDINGS = _looking_for(OF_METADATA)
_MENDED = _looking_for(kind for kind in OF_METADATA if kind.is_mended)
_REMEDIES = {FindingKind.LEFT_RIGHT: "REVOKE {subject} FROM twinbase_ddl"}
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
                remedy=_REMEDIES.get(kind, "").format(subject=subject) or None,
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

    async def drift(self, after_id: int, most: int) -> DriftSlice:
        return await drift_slice(self._driver, after_id, most)

    async def settle_again(self, database: Database) -> bool:
        return await settle_again(self._driver, database)
