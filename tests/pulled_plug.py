"""What may happen at a point of what is under way."""

import os
import signal
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import count

import asyncpg
import httpx

from tests.crash_scenarios import Answer, Scenario, Subject
from tests.crash_world import Worker, World
from tests.faulty_wire import Link, Side, Watch
from tests.invariants import violations
from tests.service_process import until

_STANDS_STILL = 2.5  # seconds, more than a worker may give no sign of life


class Fault(StrEnum):
    KILL_SERVICE = "the service is killed"
    KILL_POSTGRESQL = "PostgreSQL is killed"
    CUT = "a connection is cut"
    KILL_ONE_OF_TWO = "one of two workers is killed"
    STALL_ONE_OF_TWO = "one of two workers stands still"

    @property
    def sides(self) -> tuple[Side, ...]:
        """What a dead worker has got of an answer, nobody knows: there PostgreSQL is the same."""
        is_worker = self in {Fault.KILL_SERVICE, Fault.KILL_ONE_OF_TWO}
        return (Side.MESSAGE,) if is_worker else tuple(Side)

    @property
    def of_two(self) -> bool:
        return self in {Fault.KILL_ONE_OF_TWO, Fault.STALL_ONE_OF_TWO}


@dataclass(frozen=True)
class Point:
    side: Side
    at: int


@dataclass(frozen=True)
class Run:
    """``answer`` None: there was none. ``watches``: one for each worker."""

    subject: Subject
    answer: Answer | None
    watches: list[Watch]

    @property
    def where(self) -> str | None:
        """It was struck; None: nowhere."""
        struck = [watch for watch in self.watches if watch.struck.is_set()]
        return struck[0].point if struck else None


class _Strike:
    """Once, at whichever worker comes to its point first."""

    def __init__(self, fault: Fault, world: World) -> None:
        self._fault = fault
        self._world = world
        self._times = count()
        self.goes_on: threading.Timer | None = None

    def on(self, worker: Worker, link: Link) -> None:
        if next(self._times) > 0:
            return
        match self._fault:
            case Fault.KILL_SERVICE | Fault.KILL_ONE_OF_TWO:
                worker.kill()
            case Fault.KILL_POSTGRESQL:
                self._world.server.kill()
                worker.wire.cut_all()
            case Fault.CUT:
                link.cut()
            case Fault.STALL_ONE_OF_TWO:
                os.kill(worker.service.pid, signal.SIGSTOP)
                again = (worker.service.pid, signal.SIGCONT)
                self.goes_on = threading.Timer(_STANDS_STILL, os.kill, again)
                self.goes_on.start()


def under_way(
    world: World, scenario: Scenario, fault: Fault = Fault.CUT, point: Point | None = None
) -> Run:
    """Until it is over, or struck at the point."""
    subject, answer = scenario.prepare(world), None
    strike = _Strike(fault, world)
    watches = [
        Watch(side=point.side, at=point.at, strike=partial(strike.on, worker)) if point else Watch()
        for worker in world.workers
    ]
    with ExitStack() as watched:
        for worker, watch in zip(world.workers, watches, strict=True):
            watched.enter_context(worker.wire.watched(watch))
        try:
            answer = scenario.ask(world, subject).json()
        except httpx.TransportError:
            answer = None
        until(lambda: any(each.struck.is_set() for each in watches) or _is_calm(world), "its end")
    if strike.goes_on is not None:
        strike.goes_on.join()
    return Run(subject, answer, watches)


def _is_calm(world: World) -> bool:
    try:
        return world.look(violations) == []
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # it has just been killed
        return False
