"""Whether this worker can serve: PostgreSQL answers, its schema is this code's, connections come.

Who asks is a load balancer, which sends requests elsewhere where the answer is no. So it is told at
once (whatever hangs, hangs in the background), and it is not told no where others are merely before
it in line: then all workers would be refused one after the other, just when there is much to do.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from time import monotonic

from sqlalchemy import event
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from exceptions.errors import NotReady
from repository.driver_errors import DRIVER_ERRORS
from repository.engine import driver_of, pool_figures, taken_from

_REVISION = "SELECT version_num FROM twinbase.alembic_version"
_LONGEST_WAIT = 1.5  # seconds; of a probe
_NOTHING_THERE = frozenset({"42P01", "3F000"})  # undefined_table, invalid_schema_name

Room = Callable[[], str | None]
"""What is to be told of a disk that is nearly full; None: there is room, or it is not ours."""


class PostgresReadiness:
    """``exhausted_after``: seconds in which no connection of the pool was free for anybody."""

    def __init__(
        self,
        engine: AsyncEngine,
        newest_revision: str,
        known_revisions: Collection[str],
        *,
        room: Room = lambda: None,
        exhausted_after: float = 5.0,
        longest_wait: float = _LONGEST_WAIT,
    ) -> None:
        self._engine = engine
        self._newest_revision = newest_revision
        self._older = frozenset(known_revisions) - {newest_revision}
        self._room = room
        self._exhausted_after = exhausted_after
        self._longest_wait = longest_wait
        self._looking: asyncio.Task[None] | None = None
        self._last: NotReady | None = NotReady("Nobody has reached PostgreSQL yet.")
        self._given_at = monotonic()
        event.listen(engine.sync_engine, "checkout", self._given)

    async def check(self) -> None:
        """Raises NotReady."""
        shortage = self._room()
        if shortage is not None:
            raise NotReady(shortage, "disk")
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="readiness")
        await asyncio.wait({self._looking}, timeout=self._longest_wait)
        if not self._looking.done():
            self._refuse_unless_busy()
        if self._last is not None:
            raise NotReady(self._last.message, self._last.part) from self._last.__cause__

    async def stop(self) -> None:
        event.remove(self._engine.sync_engine, "checkout", self._given)
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    def _refuse_unless_busy(self) -> None:
        figures = pool_figures(self._engine)
        if figures.in_use < figures.most:
            raise NotReady(f"PostgreSQL has not answered within {self._longest_wait:g} seconds.")
        if monotonic() - self._given_at >= self._exhausted_after:
            raise self._exhausted()

    def _exhausted(self) -> NotReady:
        most = pool_figures(self._engine).most
        return NotReady(
            f"All {most} connections for metadata, definitions and small clones are in use, and for"
            f" {self._exhausted_after:g} seconds none was free: get_health tells more, and doctor"
            " which transactions do not end.",
            "pool",
        )

    def _given(self, *_: object) -> None:
        self._given_at = monotonic()

    async def _look(self) -> None:
        try:
            revision = await self._revision()
        except NotReady as error:
            self._last = error
        else:
            self._last = self._of_revision(revision)

    async def _revision(self) -> str | None:
        try:
            pooled = await taken_from(self._engine)  # so that nothing of it is lost at a stop
            try:
                revision: str | None = await driver_of(pooled).fetchval(_REVISION)
            finally:
                await greenlet_spawn(pooled.close)
        except PoolTimeoutError as error:
            raise self._exhausted() from error
        except DRIVER_ERRORS as error:
            sqlstate = getattr(getattr(error, "orig", error), "sqlstate", None)
            if sqlstate in _NOTHING_THERE:
                return None
            raise _unavailable(sqlstate) from error
        return revision

    def _of_revision(self, revision: str | None) -> NotReady | None:
        """A newer one only adds (a rolling upgrade), so whoever runs goes on."""
        if revision is not None and revision not in self._older:
            return None
        return NotReady(
            f"Schema twinbase is at revision {revision}, this service needs"
            f" {self._newest_revision}: python -m service migrate up.",
            "migrations",
        )


@asynccontextmanager
async def readiness(
    engine: AsyncEngine,
    newest_revision: str,
    known_revisions: Collection[str],
    *,
    room: Room,
    exhausted_after: float,
) -> AsyncIterator[PostgresReadiness]:
    made = PostgresReadiness(
        engine, newest_revision, known_revisions, room=room, exhausted_after=exhausted_after
    )
    try:
        yield made
    finally:
        await made.stop()


def _unavailable(sqlstate: str | None) -> NotReady:
    if sqlstate is None:
        return NotReady(
            "PostgreSQL cannot be reached: does it run, and does TWINBASE_DATABASE_URL lead there?"
        )
    return NotReady(
        f"PostgreSQL refuses the service (SQLSTATE {sqlstate}): python -m service doctor says more."
    )
