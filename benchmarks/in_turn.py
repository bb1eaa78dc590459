"""A B A B …: what is compared is measured in turn, so that a slow minute meets all sides."""

from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from time import perf_counter
from typing import TypeVar

Side = TypeVar("Side")
Figure = TypeVar("Figure")

Timer = Callable[[], Awaitable[float]]
"""Does something and says how many milliseconds of it count."""


async def in_turn(
    sides: Mapping[Side, Callable[[], Awaitable[Figure]]], rounds: int
) -> dict[Side, list[Figure]]:
    """What each side measured in each round. Whoever needs a warm-up has it before."""
    found: dict[Side, list[Figure]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, measure in sides.items():
            found[side].append(await measure())
    return found


async def medians(
    sides: Mapping[Side, Timer], *, rounds: int, calls: int
) -> dict[Side, tuple[float, ...]]:
    """The p50 of each side in each round, after one that does not count; in turn call by call."""
    counted = [await _medians(sides, calls) for _ in range(rounds + 1)][1:]
    return {side: tuple(found[side] for found in counted) for side in sides}


async def _medians(sides: Mapping[Side, Timer], calls: int) -> dict[Side, float]:
    return {side: median(times) for side, times in (await in_turn(sides, calls)).items()}


def timed(call: Callable[[], Awaitable[object]]) -> Timer:
    async def timer() -> float:
        started = perf_counter()
        await call()
        return (perf_counter() - started) * 1000

    return timer
