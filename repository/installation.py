"""What is true of the whole installation, for metrics: looked at on a connection made for it.

Not on one of a pool: a pool that is full is another thing than a PostgreSQL that is away, and
whoever looks must be told which it is.
"""

import asyncio
from collections.abc import Collection
from time import perf_counter

import asyncpg
import structlog

from domain.figures import Sample
from domain.timeouts import Timeouts
from repository.beginning import begin
from repository.driver_errors import UNREACHABLE
from repository.error_figures import count_error
from repository.queries import queries

_SQL = queries("installation")
_LOG = structlog.get_logger()
_PATIENCE = Timeouts(statement=2_000, lock=500)
_LONGEST = 4.0  # seconds; Prometheus waits for ten
_STATES = ("current", "behind", "unknown", "absent")


class PostgresInstallation:
    """``url`` leads to PostgreSQL itself; ``revisions``: that this code knows, the newest last."""

    def __init__(self, url: str, revisions: Collection[str]) -> None:
        self._url = url
        self._revisions = list(revisions)

    async def read(self) -> list[Sample]:
        """What can be read. Raises nothing of PostgreSQL's."""
        began = perf_counter()
        samples: list[Sample] = []
        is_read = False
        try:
            async with asyncio.timeout(_LONGEST):
                await self._read_into(samples)
            is_read = True
        except asyncpg.PostgresError as error:
            count_error(error, of_a_tenant=False)
            _LOG.warning("installation_not_read", sqlstate=error.sqlstate)
        except UNREACHABLE as error:
            _LOG.warning("installation_not_read", error=type(error).__name__)
        return [
            Sample("twinbase_database_up", (), float(bool(samples))),
            Sample("twinbase_installation_read", (), float(is_read)),
            Sample("twinbase_installation_read_seconds", (), perf_counter() - began),
            *samples,
        ]

    async def _read_into(self, samples: list[Sample]) -> None:
        connection = await asyncpg.connect(
            self._url,
            timeout=_LONGEST,
            statement_cache_size=0,
            server_settings={"application_name": "twinbase metrics"},
        )
        try:
            await connection.execute(begin(_PATIENCE))
            samples += await _rows(connection, "server")
            samples += _migration(self._state(await _revision(connection)))
            samples += await _rows(connection, "installation")
        finally:
            connection.terminate()

    def _state(self, revision: str | None) -> str:
        if revision is None:
            return "absent"
        if revision == self._revisions[-1]:
            return "current"
        return "behind" if revision in self._revisions else "unknown"


async def _rows(connection: asyncpg.Connection, query: str) -> list[Sample]:
    rows = await connection.fetch(_SQL[query])
    return [Sample(row["name"], tuple(row["labels"]), row["value"]) for row in rows]


async def _revision(connection: asyncpg.Connection) -> str | None:
    if not await connection.fetchval(_SQL["has_revision"]):
        return None
    revision: str | None = await connection.fetchval(_SQL["revision"])
    return revision


def _migration(state: str) -> list[Sample]:
    return [Sample("twinbase_migration_state", (each,), float(each == state)) for each in _STATES]
