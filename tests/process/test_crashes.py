"""The plug is pulled at every point of create, clone and drop; what is there afterwards is whole.

Points are the boundaries between two messages of the protocol between service and PostgreSQL. A run
without a fault counts them. By default some are tried, evenly spread: CRASH_SEED says which,
CRASH_POINTS how many of each scenario. CRASH_AT_EVERY_POINT=1 tries all, which takes hours.
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

import pytest

from tests.crash_scenarios import Clone, Create, Drop, DropInSteps, FailingClone, Scenario
from tests.crash_world import World, crash_world
from tests.faulty_wire import Side
from tests.pulled_plug import Fault, Point, under_way

EVERY_POINT = os.environ.get("CRASH_AT_EVERY_POINT") == "1"
SEED = os.environ.get("CRASH_SEED", "5")
POINTS = os.environ.get("CRASH_POINTS")

SCENARIOS: dict[str, Scenario] = {
    "create": Create(),
    "clone at once": Clone(wait=True),
    "clone in steps": Clone(wait=False),
    "clone that fails": FailingClone(),
    "drop at once": Drop(),
    "drop in steps": DropInSteps(),
}

# How many points are tried by default.
TRIED = {
    (Fault.KILL_SERVICE, "create"): 1,
    (Fault.KILL_SERVICE, "clone at once"): 1,
    (Fault.KILL_SERVICE, "clone in steps"): 1,
    (Fault.KILL_SERVICE, "clone that fails"): 1,
    (Fault.KILL_SERVICE, "drop at once"): 1,
    (Fault.KILL_SERVICE, "drop in steps"): 1,
    (Fault.KILL_POSTGRESQL, "create"): 1,
    (Fault.KILL_POSTGRESQL, "clone at once"): 1,
    (Fault.KILL_POSTGRESQL, "clone in steps"): 1,
    (Fault.KILL_POSTGRESQL, "clone that fails"): 1,
    (Fault.KILL_POSTGRESQL, "drop at once"): 1,
    (Fault.KILL_POSTGRESQL, "drop in steps"): 1,
    (Fault.CUT, "create"): 2,
    (Fault.CUT, "clone at once"): 2,
    (Fault.CUT, "clone in steps"): 1,
    (Fault.CUT, "clone that fails"): 1,
    (Fault.CUT, "drop at once"): 2,
    (Fault.CUT, "drop in steps"): 1,
    (Fault.KILL_ONE_OF_TWO, "clone in steps"): 1,
    (Fault.KILL_ONE_OF_TWO, "drop in steps"): 1,
    (Fault.STALL_ONE_OF_TWO, "clone in steps"): 1,
    (Fault.STALL_ONE_OF_TWO, "drop in steps"): 1,
}


@dataclass
class Prepared:
    """``met``: how many points each scenario has."""

    world: World
    met: dict[str, dict[Side, int]]


@pytest.fixture(scope="module")
def prepared() -> Iterator[Prepared]:
    with crash_world() as world:
        yield Prepared(world, {})


@pytest.mark.timeout(0 if EVERY_POINT or POINTS else 120)
@pytest.mark.parametrize(("fault", "name"), TRIED)
def test_whole_again(prepared: Prepared, fault: Fault, name: str) -> None:
    world, scenario = prepared.world, SCENARIOS[name]
    world.revive()
    with world.worker() if fault.of_two else nullcontext():
        if name not in prepared.met:
            prepared.met[name] = points_of(world, scenario)
        met = prepared.met[name]
        if EVERY_POINT:
            for point in (Point(side, at) for side in fault.sides for at in range(met[side])):
                crash(world, scenario, fault, point)
            return
        rng = random.Random(f"{SEED} {fault} {name}")  # noqa: S311 - for tests
        for point in some_of(met, int(POINTS or TRIED[fault, name]), rng):
            # Runs differ a little: one may be shorter than the one that was counted.
            sooner = (Point(point.side, point.at >> half) for half in range(64))
            assert any(crash(world, scenario, fault, each) for each in sooner)


def points_of(world: World, scenario: Scenario) -> dict[Side, int]:
    run = under_way(world, scenario)
    world.settle()
    scenario.check(world, run.subject, run.answer)
    return {side: max(len(watch.met[side]) for watch in run.watches) for side in Side}


def some_of(met: dict[Side, int], tried: int, rng: random.Random) -> Iterator[Point]:
    sides = [Side.MESSAGE, Side.ANSWER]
    rng.shuffle(sides)
    for number in range(tried):
        side = sides[number % 2]
        yield Point(side, int((number + rng.random()) / tried * met[side]))


def crash(world: World, scenario: Scenario, fault: Fault, point: Point) -> bool:
    """Whether the point was reached."""
    began = time.monotonic()
    run = under_way(world, scenario, fault, point)
    try:
        if not fault.of_two:
            world.revive()
        world.settle()  # where one of two is left, without the other
        world.revive()
        scenario.check(world, run.subject, run.answer)
        world.use_source()
    except BaseException as error:
        error.add_note(f"{fault} at {run.where}, {run.subject}, answered {run.answer}")
        error.add_note(world.told())
        raise
    print(f"{time.monotonic() - began:.2f} s: {fault} at {run.where}")  # noqa: T201 - for -s
    return run.where is not None
