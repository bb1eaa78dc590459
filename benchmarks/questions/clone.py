"""clone_database against plain SQL and pg_dump | psql; all copy both schemas of the pair."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from asyncpg import Connection

from benchmarks.cloning import TABLES, PlainCopy, Source, make_source, rows_for
from benchmarks.dump import DumpAndRestore, missing_programs
from benchmarks.http_connection import http_connection
from benchmarks.in_turn import Timer, medians, timed
from benchmarks.judging import Goal, Row, Series, at_most, times_faster
from benchmarks.pace import Pace
from benchmarks.question import Question
from benchmarks.stack import Stack, connected, stack
from benchmarks.tenant import Tenant
from benchmarks.verbs import CloneAndDrop

_OURS, _FLOOR, _DUMP = "clone_database", "plain SQL", "pg_dump | psql"
_DUMP_AT_ONCE = "pg_dump | psql --single-transaction"
_GUARDED = "plain SQL with policies, triggers, rights"
_SMALL_ROWS = 500
_WORTH_A_CHECKPOINT = 50  # megabytes
_FEWER_CALLS = 10  # than of what takes a few milliseconds

Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tools:
    stack: Stack
    tenant: Tenant
    superuser: Connection
    service: Connection


async def measure(pace: Pace) -> list[Row]:
    async with _tools() as tools:
        small = await make_source(tools.stack, tools.tenant, "small", _SMALL_ROWS)
        calls = max(1, pace.calls // _FEWER_CALLS)
        size = f"{_SMALL_ROWS} rows each"
        rows = await _compared(tools, small, size, times_faster(3), rounds=pace.rounds, calls=calls)
        big = await make_source(tools.stack, tools.tenant, "big", rows_for(pace.clone_megabytes))
        size = f"{big.megabytes:,.0f} MB together"
        rows += await _compared(tools, big, size, times_faster(1.5), rounds=pace.rounds, calls=1)
    return rows


@asynccontextmanager
async def _tools() -> AsyncIterator[Tools]:
    async with (
        stack() as started,
        http_connection(started.service.url) as requests,
        connected(started.superuser_url) as superuser,
        connected(started.url()) as service,
    ):
        yield Tools(started, Tenant(requests), superuser, service)


async def _compared(
    tools: Tools, source: Source, size: str, than_dump: Goal, *, rounds: int, calls: int
) -> list[Row]:
    found = await medians(await _sides(tools, source), rounds=rounds, calls=calls)
    what = f"2 × {TABLES} tables, {size}"
    ours = Series(_OURS, found[_OURS])
    rows = [
        Row(what, "ms", ours, Series(_FLOOR, found[_FLOOR]), at_most(1.25)),
        Row(what, "ms", ours, Series(_GUARDED, found[_GUARDED])),
    ]
    if _DUMP not in found:
        note = f"not measured: no {', '.join(missing_programs())} beside the server"
        return [*rows, Row(f"{what}: {_DUMP}", "ms", ours, note=note)]
    return [
        *rows,
        Row(what, "ms", ours, Series(_DUMP, found[_DUMP]), than_dump),
        Row(what, "ms", ours, Series(_DUMP_AT_ONCE, found[_DUMP_AT_ONCE])),
    ]


async def _sides(tools: Tools, source: Source) -> dict[str, Timer]:
    clone = CloneAndDrop(tools.tenant, source.database_id)
    floor = PlainCopy(tools.service, source, "floor")
    guarded = PlainCopy(tools.service, source, "guarded")
    await floor.prepare()
    await guarded.prepare(guarded=True)
    steps = {
        _OURS: (_nothing, clone.clone, clone.drop),
        _FLOOR: (_nothing, floor.copy, floor.drop),
        _GUARDED: (_nothing, guarded.copy, guarded.drop),
    }
    if not missing_programs():
        dump = DumpAndRestore(tools.stack, tools.superuser, source)
        await dump.prepare()
        steps[_DUMP] = (dump.make_room, dump.copy, dump.drop)
        steps[_DUMP_AT_ONCE] = (dump.make_room, dump.copy_in_one_transaction, dump.drop)
    return {side: _copying(tools, source, *of_side) for side, of_side in steps.items()}


def _copying(tools: Tools, source: Source, make_room: Step, copy: Step, drop: Step) -> Timer:
    """Only the copying counts. Nobody writes to disk what the one before left in memory."""

    async def timer() -> float:
        await make_room()
        if source.megabytes > _WORTH_A_CHECKPOINT:
            await tools.superuser.execute("CHECKPOINT")
        milliseconds = await timed(copy)()
        await drop()
        return milliseconds

    return timer


async def _nothing() -> None:
    pass


QUESTION = Question(
    name="clone",
    title="clone_database against plain SQL and pg_dump | psql",
    measure=measure,
    longest=3600,
)
