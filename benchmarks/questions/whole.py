"""One worker as a whole, beside the published figures of the ancestor, on another machine.

Those are of astron-agent's core/memory/database: two cores, one worker, 16 connections; its clones
are without keys, views and triggers, ours are complete and of both schemas.
"""

from collections.abc import Sequence

from benchmarks.against_bare import OURS, Bench, bench
from benchmarks.cloning import TABLES, make_source
from benchmarks.in_turn import in_turn, medians, timed
from benchmarks.judging import Goal, Row, Series, at_least, constant, times_faster
from benchmarks.light import INSERT, SELECT, light_loads
from benchmarks.pace import Pace
from benchmarks.question import Question
from benchmarks.verbs import CloneAndDrop, CreateAndDrop

_CONNECTIONS = 16
_ROWS = 500
_FEWER_CLONES = 10  # than calls of what takes a few milliseconds

_RATES = {SELECT: (135, at_least(12)), INSERT: (156, at_least(9))}
_CREATE, _DROP = "create_database", "drop_database"
_CLONE = f"clone_database, 2 × {TABLES} tables × {_ROWS} rows"


async def measure(pace: Pace) -> list[Row]:
    async with bench() as opened:
        return [
            *await _rates(opened, pace),
            *await _creating(opened, pace),
            *await _cloning(opened, pace),
        ]


async def _rates(opened: Bench, pace: Pace) -> list[Row]:
    sides = await light_loads(opened, tuple(_RATES))
    loads = {form: of_form[OURS] for form, of_form in sides.items()}
    for load in loads.values():
        await load.warm_up(connections=_CONNECTIONS, seconds=pace.seconds)
    found = await in_turn(
        {
            form: load.runs(connections=_CONNECTIONS, seconds=pace.seconds)
            for form, load in loads.items()
        },
        pace.rounds,
    )
    return [
        _beside_the_ancestor(
            form.name,
            "requests/s",
            [one.per_second for one in figures],
            *_RATES[form],
            errors=sum(one.errors for one in figures),
        )
        for form, figures in found.items()
    ]


async def _creating(opened: Bench, pace: Pace) -> list[Row]:
    verbs = CreateAndDrop(opened.tenant)
    sides = {_CREATE: timed(verbs.create), _DROP: timed(verbs.drop)}
    found = await medians(sides, rounds=pace.rounds, calls=pace.calls)
    return [
        _beside_the_ancestor(_CREATE, "ms", found[_CREATE], 7.4, times_faster(2.5)),
        _beside_the_ancestor(_DROP, "ms", found[_DROP], 7.6, times_faster(3)),
    ]


async def _cloning(opened: Bench, pace: Pace) -> list[Row]:
    source = await make_source(opened.stack, opened.tenant, "source", _ROWS)
    verbs = CloneAndDrop(opened.tenant, source.database_id)
    found = await medians(
        {_CLONE: timed(verbs.clone), _DROP: timed(verbs.drop)},
        rounds=pace.rounds,
        calls=max(1, pace.calls // _FEWER_CLONES),
    )
    return [_beside_the_ancestor(_CLONE, "ms", found[_CLONE], 103, times_faster(1))]


def _beside_the_ancestor(
    what: str,
    unit: str,
    values: Sequence[float],
    published: float,
    goal: Goal,
    *,
    errors: int = 0,
) -> Row:
    ancestor = constant("the ancestor, on another machine", published)
    return Row(what, unit, Series("one worker", tuple(values)), ancestor, goal, errors=errors)


QUESTION = Question(
    name="whole",
    title="One worker as a whole, beside the ancestor's published figures",
    measure=measure,
    longest=600,
    needs_wrk=True,
)
