"""``audit``: what was changed, by whom; rows are added, and nothing else."""

from datetime import datetime

from asyncpg import Connection, Record

from domain.audit import AuditEntry, AuditFilter, AuditPage, NewAuditEntry, Outcome
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries

_SQL = queries("audit")


class Audit:
    """``driver`` is the connection of a running transaction; nothing here commits."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def add(self, new: NewAuditEntry) -> None:
        actor, subject = new.actor, new.subject
        with translated():
            await fetch(
                self._driver,
                _SQL["add"],
                actor.platform_id,
                actor.platform_name,
                actor.key_prefix,
                actor.uid,
                actor.app_id,
                new.sid,
                new.verb,
                subject.database_id,
                subject.new_database_id,
                subject.target,
                subject.operation_id,
                int(new.code),
                new.outcome,
                new.count,
            )

    async def list_audit(self, asked: AuditFilter, before_id: int | None, limit: int) -> AuditPage:
        values = (
            asked.platform_name,
            asked.uid,
            asked.database_id,
            asked.verb,
            asked.sid,
            asked.target,
            _text(asked.since),
            _text(asked.until),
            before_id,
        )
        with translated():
            # One more than asked for tells whether there is a next page.
            rows = await fetch(self._driver, _SQL["list_audit"], *values, limit + 1)
        shown = tuple(_entry(row) for row in rows[:limit])
        return AuditPage(shown, shown[-1].id if len(rows) > limit else None)

    async def forget(self, days: int, most: int) -> int:
        with translated():
            (row,) = await fetch(self._driver, _SQL["forget"], days, most)
        return int(row["forgotten"])


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _entry(row: Record) -> AuditEntry:
    return AuditEntry(
        **dict(row) | {"at": datetime.fromisoformat(row["at"]), "outcome": Outcome(row["outcome"])}
    )
