"""What get_health tells of PostgreSQL, looked at on a connection made for it.

Not on one of a pool: a pool that is full is another thing than a PostgreSQL that is away.
"""

import asyncio
from collections.abc import Collection, Sequence
from time import perf_counter

import asyncpg

from domain.health import Part, Status
from domain.timeouts import Timeouts
from repository.beginning import begin
from repository.driver_errors import UNREACHABLE
from repository.examination import hurting_settings
from repository.queries import queries

_SQL = queries("health")
_PATIENCE = Timeouts(statement=2_000, lock=500)
_SLOW = 1.0  # seconds
_OLD = 300  # seconds, of a job that nobody takes
_PART_OF_CONNECTIONS = 0.9
_AFTERWARDS = ("migrations", "queue", "settings")
_LOOKED_AT = ("settings", "queue", "migrations")  # one after the other


class PostgresHealth:
    """``url`` leads to PostgreSQL itself. ``settings``: names of the service's own that hurt."""

    def __init__(
        self,
        url: str,
        newest_revision: str,
        known_revisions: Collection[str],
        *,
        settings: Sequence[str],
        longest_wait: float,
    ) -> None:
        self._url = url
        self._newest_revision = newest_revision
        self._older = frozenset(known_revisions) - {newest_revision}
        self._settings = settings
        self._longest_wait = longest_wait

    async def __call__(self) -> Sequence[Part]:
        parts: list[Part] = []
        try:
            async with asyncio.timeout(self._longest_wait):
                await self._look(parts)
        except asyncpg.PostgresError as error:
            there = {part.name for part in parts}
            asked = next((name for name in _LOOKED_AT if name not in there), None)
            parts.append(_refusing(error, has_answered=bool(parts), asked=asked))
        except UNREACHABLE as error:
            advice = "start PostgreSQL, or mend what is between: TWINBASE_DATABASE_URL leads there"
            told = {"error": type(error).__name__}
            parts.append(Part("postgresql", Status.FAILING, advice, told))
        there = {part.name for part in parts}
        unknown = (
            Part(name, Status.UNKNOWN, "PostgreSQL comes first")
            for name in _AFTERWARDS
            if name not in there
        )
        return [*parts, *unknown]

    async def _look(self, parts: list[Part]) -> None:
        began = perf_counter()
        connection = await asyncpg.connect(
            self._url,
            timeout=self._longest_wait,
            statement_cache_size=0,
            server_settings={"application_name": "twinbase health"},
        )
        try:
            await connection.execute(begin(_PATIENCE))
            server = await connection.fetchrow(_SQL["server"])
            parts.append(_server(dict(server or {}), perf_counter() - began))
            hurting = await hurting_settings(connection)
            parts.append(_settings([*self._settings, *hurting]))
            queue = await connection.fetchrow(_SQL["queue"])
            parts.append(_queue(dict(queue or {})))
            parts.append(self._migrations(await connection.fetchval(_SQL["revision"])))
        finally:
            connection.terminate()

    def _migrations(self, revision: str | None) -> Part:
        facts = {"revision": revision, "newest": self._newest_revision}
        if revision is None or revision in self._older:
            return Part("migrations", Status.FAILING, "python -m service migrate up", facts)
        if revision != self._newest_revision:
            advice = "a newer release has migrated: replace this one"
            return Part("migrations", Status.DEGRADED, advice, facts)
        return Part("migrations", facts=facts)


def _refusing(error: asyncpg.PostgresError, *, has_answered: bool, asked: str | None) -> Part:
    facts = {"sqlstate": error.sqlstate}
    if isinstance(error, asyncpg.LockNotAvailableError):
        advice = (
            "somebody holds a lock on its tables: python -m service doctor tells of transactions"
        )
        return Part(asked or "postgresql", Status.DEGRADED, advice, facts)
    if isinstance(error, asyncpg.TooManyConnectionsError):
        advice = "raise max_connections, or end what holds them: python -m service doctor"
    elif has_answered:
        advice = "python -m service doctor, and python -m service migrate status"
        return Part("migrations", Status.FAILING, advice, facts)
    else:
        advice = "PostgreSQL refuses the service: python -m service doctor says more"
    return Part("postgresql", Status.FAILING, advice, facts)


def _server(facts: dict[str, object], seconds: float) -> Part:
    told = facts | {"milliseconds": round(seconds * 1000, 1)}
    used, most = facts["connections"], facts["max_connections"]
    if facts["is_standby"]:
        advice = "it is a standby, which only reads: TWINBASE_DATABASE_URL must lead to the primary"
        return Part("postgresql", Status.FAILING, advice, told)
    if isinstance(used, int) and isinstance(most, int) and used > _PART_OF_CONNECTIONS * most:
        advice = "nearly all of its connections are in use: raise max_connections"
        return Part("postgresql", Status.DEGRADED, advice, told)
    if seconds > _SLOW:
        return Part("postgresql", Status.DEGRADED, "it answers slowly: look at its machine", told)
    return Part("postgresql", facts=told)


def _settings(names: list[str]) -> Part:
    facts = {"names": names}
    if names:
        advice = "python -m service doctor says of each why it hurts, and what it should be"
        return Part("settings", Status.DEGRADED, advice, facts)
    return Part("settings", facts=facts)


def _queue(facts: dict[str, object]) -> Part:
    oldest = facts["oldest_seconds"]
    if isinstance(oldest, int) and oldest > _OLD:
        advice = (
            "more operations are begun than run: raise TWINBASE_OPERATIONS_AT_ONCE, add workers"
        )
        return Part("queue", Status.DEGRADED, advice, facts)
    return Part("queue", facts=facts)
