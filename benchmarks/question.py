from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.judging import Row
from benchmarks.pace import Pace


@dataclass(frozen=True, slots=True)
class Question:
    """``longest``: seconds after which it is given up."""

    name: str
    title: str
    measure: Callable[[Pace], Awaitable[list[Row]]]
    longest: float
    needs_wrk: bool = False
