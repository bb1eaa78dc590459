"""What a question found: rows of a table, and the one place that knows how a row is judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from statistics import median


@dataclass(frozen=True, slots=True)
class Series:
    """One figure of one side, once for each round; ``of`` says whose it is."""

    of: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)


def constant(of: str, value: float) -> Series:
    """A bound, or a figure that somebody published: the same in every round."""
    return Series(of, (value,))


class Verdict(StrEnum):
    REACHED = "reached"
    MISSED = "missed"
    TOLD = "told"
    """There is nothing to reach."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What the ratio ours / against is to be; ``upside_down``: what against / ours is to be.

    ``bound`` None: nothing is compared, only without an error it has to be.
    """

    bound: float | None
    at_least: bool = False
    upside_down: bool = False

    def allows(self, ratio: float | None) -> bool:
        if self.bound is None:
            return True
        if ratio is None:
            return False
        return ratio >= self.bound if self.at_least else ratio <= self.bound

    def __str__(self) -> str:
        if self.bound is None:
            return "works"
        faster = " × faster" if self.upside_down else ""
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}{faster}"


def at_least(bound: float) -> Goal:
    return Goal(bound, at_least=True)


def at_most(bound: float) -> Goal:
    return Goal(bound)


def times_faster(bound: float) -> Goal:
    """Of times, where less is better."""
    return Goal(bound, at_least=True, upside_down=True)


WORKS = Goal(None)
WITHIN = at_most(1)
"""Of a row whose ``against`` is the bound itself."""


@dataclass(frozen=True, slots=True)
class Row:
    """``errors``: of ours; where there is one, nothing was reached."""

    what: str
    unit: str
    ours: Series
    against: Series | None = None
    goal: Goal | None = None
    errors: int = 0
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios: a slow moment of the machine meets both of a round."""
        if self.against is None:
            return None
        above, below = self.ours, self.against
        if self.goal is not None and self.goal.upside_down:
            above, below = below, above
        pairs = list(_pairs(above, below))
        return median(a / b for a, b in pairs) if all(b for _, b in pairs) else None

    @property
    def verdict(self) -> Verdict:
        if self.errors:
            return Verdict.MISSED
        if self.goal is None:
            return Verdict.TOLD
        return Verdict.REACHED if self.goal.allows(self.ratio) else Verdict.MISSED


def _pairs(above: Series, below: Series) -> Iterator[tuple[float, float]]:
    """Round by round; one value stands for all rounds."""
    rounds = max(len(above.values), len(below.values))
    a, b = (s.values * rounds if len(s.values) == 1 else s.values for s in (above, below))
    return zip(a, b, strict=True)
