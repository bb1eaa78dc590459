"""Light statements at 16 connections against the bare endpoint, and through 1 to 256 of them."""

from statistics import median

from benchmarks.against_bare import OURS, bench, compared, in_rounds, series
from benchmarks.in_turn import in_turn
from benchmarks.judging import Row, at_least, at_most
from benchmarks.light import FORMS, INSERT, SELECT, Form, light_loads
from benchmarks.load import Load, LoadFigures
from benchmarks.pace import Pace
from benchmarks.question import Question

_CONNECTIONS = 16
_SWEEP = (1, 4, 16, 64, 256)

Sweep = dict[int, list[LoadFigures]]


async def measure(pace: Pace) -> list[Row]:
    rows = []
    async with bench() as opened:
        loads = await light_loads(opened, FORMS)
        for form in FORMS:
            rows += await _against_bare(form, loads[form], pace)
        for form in (SELECT, INSERT):
            rows += await _through_connections(form, loads[form][OURS], pace)
    return rows


async def _against_bare(form: Form, sides: dict[str, Load], pace: Pace) -> list[Row]:
    found = await in_rounds(sides, pace, _CONNECTIONS)
    return [
        compared(form.name, "requests/s", found, _per_second, at_least(0.85)),
        compared(f"{form.name}: p50", "ms", found, lambda one: one.p50),
        compared(f"{form.name}: p99", "ms", found, lambda one: one.p99, at_most(1.5)),
    ]


async def _through_connections(form: Form, load: Load, pace: Pace) -> list[Row]:
    sweep = await in_turn(
        {count: load.runs(connections=count, seconds=pace.seconds) for count in _SWEEP},
        pace.rounds,
    )
    told = [
        Row(
            f"{form.name}: {count} connections",
            "requests/s",
            series(OURS, figures, _per_second),
            errors=sum(one.errors for one in figures),
        )
        for count, figures in sweep.items()
    ]
    return [*told, worst_beyond_peak(form.name, sweep)]


def worst_beyond_peak(what: str, sweep: Sweep) -> Row:
    """Throughput may rise as it likes to its peak; more connections may not cost it much."""
    rates = {count: median(map(_per_second, figures)) for count, figures in sweep.items()}
    peak = max(rates, key=lambda count: rates[count])
    worst = min((count for count in rates if count >= peak), key=lambda count: rates[count])
    return Row(
        f"{what}: {worst} connections, the least beyond the peak",
        "requests/s",
        series(f"{worst} connections", sweep[worst], _per_second),
        series(f"{peak} connections", sweep[peak], _per_second),
        at_least(0.9),
        errors=sum(one.errors for figures in sweep.values() for one in figures),
    )


def _per_second(figures: LoadFigures) -> float:
    return figures.per_second


QUESTION = Question(
    name="dml",
    title="One light statement, 16 connections, and through 1 to 256",
    measure=measure,
    longest=1200,
    needs_wrk=True,
)
