"""The server as the service finds it: connections, versions, rights, what grows, settings."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import time

import asyncpg
from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.consistency import Finding, FindingKind
from domain.timeouts import Timeouts
from repository.beginning import begin
from repository.bootstrap import (
    body_of_guard,
    missing_isolation,
    open_functions,
    same_database,
)
from repository.driver_errors import UNREACHABLE
from repository.own_session import is_heard
from repository.queries import queries
from repository.transactions import transaction

_SQL = queries("examination")
_TIMEOUTS = Timeouts(statement=60_000, lock=1_000)
_RIGHTS = (
    FindingKind.LOOSE_ROLE,
    FindingKind.LOOSE_RIGHT,
    FindingKind.LACKING_RIGHT,
    FindingKind.DEFAULT_RIGHT,
)
Look = Callable[[Connection], Awaitable[Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is less, nobody need hear of."""

    connections: float = 0.9
    """Part of all that PostgreSQL has."""

    dead_rows: int = 100_000
    catalog_bytes: int = 256 * 1024**2
    age: float = 2.5
    """Times the age at which autovacuum freezes."""

    idle_seconds: float = 600
    running_seconds: float = 6 * 3600
    prepared_seconds: float = 600
    transactions: int = 10_000_000
    kept_log: int = 1024**3
    seconds_apart: float = 2.0
    """Of the clocks."""


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Versions:
    postgresql: str
    databases: int


async def versions(engine: AsyncEngine) -> Versions:
    async with transaction(engine, begin(_TIMEOUTS)) as driver:
        (row,) = await driver.fetch(_SQL["versions"])
    return Versions(row["postgresql"], row["databases"])


async def rights(engine: AsyncEngine) -> list[Finding]:
    """Who may do what, and whether that is what isolation rests on."""
    looks: Mapping[FindingKind, Look] = {
        FindingKind.SHORTCOMING: _shortcomings,
        FindingKind.OUTDATED_GUARD: _asking(FindingKind.OUTDATED_GUARD, body_of_guard()),
        **{kind: _asking(kind) for kind in _RIGHTS},
    }
    return [found for kind, look in looks.items() for found in await _looked(engine, kind, look)]


async def server(
    engine: AsyncEngine, *, connections_asked: int, is_shared: bool, bounds: Bounds = BOUNDS
) -> list[Finding]:
    """``is_shared`` False: the server is the embedded one, and as it comes."""
    asked: Mapping[FindingKind, tuple[object, ...]] = {
        FindingKind.TOO_FEW_CONNECTIONS: (connections_asked,),
        FindingKind.CONNECTIONS_USED_UP: (bounds.connections,),
        FindingKind.UNKNOWN_VERSION: (),
        FindingKind.DEAD_ROWS: (bounds.dead_rows,),
        FindingKind.BLOATED_CATALOG: (bounds.dead_rows, bounds.catalog_bytes),
        FindingKind.OLD_ROWS: (bounds.age,),
        FindingKind.LONG_TRANSACTION: (
            bounds.idle_seconds,
            bounds.running_seconds,
            bounds.transactions,
        ),
        FindingKind.REPLICATION_SLOT: (bounds.kept_log, bounds.transactions),
        FindingKind.PREPARED_TRANSACTION: (bounds.prepared_seconds,),
        FindingKind.SERVER_SETTING: (),
    }
    looks: dict[str, Look] = {kind: _asking(kind, *values) for kind, values in asked.items()}
    looks[FindingKind.CLOCK_DIFFERS] = partial(_clock, seconds_apart=bounds.seconds_apart)
    if is_shared:
        looks["small_memory"] = _asking(FindingKind.SERVER_SETTING, query="small_memory")
    return [found for kind, look in looks.items() for found in await _looked(engine, kind, look)]


async def reached(database_url: str, *, longest_wait: float) -> None:
    """Raises what the driver raises."""
    connection = await asyncpg.connect(database_url, timeout=longest_wait, statement_cache_size=0)
    await connection.close()


async def connections(
    database_url: str, direct_url: str | None, *, longest_wait: float
) -> list[Finding]:
    """Past the pooler, and whether NOTIFY comes through. Raises where there is no PostgreSQL."""
    name = "TWINBASE_DIRECT_URL" if direct_url else "TWINBASE_DATABASE_URL"
    if direct_url is not None:
        try:
            await reached(direct_url, longest_wait=longest_wait)
        except (*UNREACHABLE, asyncpg.PostgresError) as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            return [Finding(FindingKind.UNREACHABLE, name, detail=reason)]
    if not await is_heard(database_url, direct_url or database_url, longest_wait=longest_wait):
        return [Finding(FindingKind.DEAF, name)]
    return []


async def hurting_settings(connection: Connection) -> list[str]:
    """By name."""
    return [row["subject"] for row in await connection.fetch(_SQL[FindingKind.SERVER_SETTING])]


@asynccontextmanager
async def inside(url: str, database_url: str) -> AsyncIterator[Connection]:
    """The database of ``database_url``, as ``url`` logs in."""
    connection = await asyncpg.connect(same_database(url, database_url), statement_cache_size=0)
    try:
        yield connection
    finally:
        await connection.close()


async def remedy(connection: Connection, finding: Finding) -> str | None:
    """Runs what mends it, whole or not at all; why it does not, where it does not."""
    if finding.remedy is None:
        return None
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout TO 2000")
            await connection.execute(finding.remedy)
    except asyncpg.PostgresError as error:
        return str(error).partition("\n")[0]
    return None


async def _looked(engine: AsyncEngine, kind: str, look: Look) -> Sequence[Finding]:
    """Where an administrator keeps a view to himself, all else is looked at all the same."""
    try:
        async with transaction(engine, begin(_TIMEOUTS)) as driver:
            return await look(driver)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error).partition("\n")[0]
        return [Finding(FindingKind.NOT_EXAMINED, kind, detail=reason)]


def _asking(kind: FindingKind, *values: object, query: str | None = None) -> Look:
    async def look(driver: Connection) -> list[Finding]:
        return [
            Finding(
                kind,
                row["subject"],
                detail=row["detail"],
                remedy=row["remedy"],
                since=None if row["since"] is None else datetime.fromisoformat(row["since"]),
            )
            for row in await driver.fetch(_SQL[query or kind], *values)
        ]

    return look


async def _shortcomings(driver: Connection) -> list[Finding]:
    found = [*await missing_isolation(driver), *await open_functions(driver)]
    return [Finding(FindingKind.SHORTCOMING, each.what, remedy=each.remedy) for each in found]


async def _clock(driver: Connection, seconds_apart: float) -> list[Finding]:
    before = time()
    theirs = float(await driver.fetchval(_SQL["clock"]))
    difference = theirs - (before + time()) / 2
    if abs(difference) < seconds_apart:
        return []
    word = "ahead of" if difference > 0 else "behind"
    told = f"{abs(difference):.0f} seconds {word}"
    return [Finding(FindingKind.CLOCK_DIFFERS, "clock", detail=told)]
