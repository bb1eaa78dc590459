"""The service and the bare endpoint under the same load."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from asyncpg import Connection

from benchmarks import bare
from benchmarks.http_connection import http_connection
from benchmarks.in_turn import in_turn
from benchmarks.judging import Goal, Row, Series
from benchmarks.load import Load, LoadFigures, load_of
from benchmarks.pace import Pace
from benchmarks.processes import Running
from benchmarks.stack import Stack, connected, stack
from benchmarks.tenant import EXEC_DML, Tenant

OURS, BARE = "exec_dml", "bare endpoint"

Figures = dict[str, list[LoadFigures]]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and the values for its ``$1…``."""

    dml: str
    params: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """``tables``: a connection to where the bare endpoint's tables are."""

    stack: Stack
    tenant: Tenant
    bare: Running
    tables: Connection

    def ours(
        self, name: str, database_id: int, statements: Sequence[Statement], *, compact: bool = False
    ) -> Load:
        bodies = [
            self.tenant.body(database_id, one.dml, one.params, compact=compact)
            for one in statements
        ]
        return self._load(f"ours-{name}", self.stack.service.url + EXEC_DML, bodies)

    def bare_load(self, name: str, statements: Sequence[Statement]) -> Load:
        bodies = [self.tenant.body(1, one.dml, one.params) for one in statements]
        return self._load(f"bare-{name}", self.bare.url + bare.PATH, bodies)

    def _load(self, name: str, url: str, bodies: Sequence[dict[str, object]]) -> Load:
        return load_of(url, bodies, self.stack.folder / f"{name.replace(' ', '-')}.bodies")


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    async with (
        stack() as started,
        started.bare_endpoint() as endpoint,
        http_connection(started.service.url) as connection,
        connected(started.url()) as tables,
    ):
        await tables.execute("SET search_path TO bare")
        yield Bench(started, Tenant(connection), endpoint, tables)


async def in_rounds(sides: dict[str, Load], pace: Pace, connections: int) -> Figures:
    for load in sides.values():
        await load.warm_up(connections=connections, seconds=pace.seconds)
    return await in_turn(
        {
            side: load.runs(connections=connections, seconds=pace.seconds)
            for side, load in sides.items()
        },
        pace.rounds,
    )


def compared(
    what: str,
    unit: str,
    found: Figures,
    figure: Callable[[LoadFigures], float],
    goal: Goal | None = None,
    *,
    ours: str = OURS,
) -> Row:
    failed = sum(one.errors for one in found[BARE])
    return Row(
        what,
        unit,
        series(ours, found[ours], figure),
        series(BARE, found[BARE], figure),
        goal,
        errors=sum(one.errors for one in found[ours]),
        note=f"{failed} errors of the bare endpoint" if failed else "",
    )


def series(
    of: str, figures: Sequence[LoadFigures], figure: Callable[[LoadFigures], float]
) -> Series:
    return Series(of, tuple(figure(one) for one in figures))
