"""What the parts of a worker know of themselves in numbers: plain, counted in some nanoseconds.

Whoever wants to see them asks (``service.telemetry``); nobody is told. Counters of what must be
noticed begin at 0 and not with their first event: one that appears as 1 has not grown, for whoever
watches.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.histogram import Histogram, add, bucket_of


class Timings:
    """How long something took, each time."""

    __slots__ = ("histogram", "seconds")

    def __init__(self, seconds: float = 0.0, histogram: Histogram | None = None) -> None:
        self.seconds = seconds
        self.histogram: Histogram = {} if histogram is None else histogram

    def count(self, seconds: float) -> None:
        self.seconds += seconds
        bucket = bucket_of(seconds)
        self.histogram[bucket] = self.histogram.get(bucket, 0) + 1

    def add(self, other: "Timings") -> None:
        self.seconds += other.seconds
        add(self.histogram, other.histogram)

    @property
    def number(self) -> int:
        return sum(self.histogram.values())


class Sample(NamedTuple):
    """One value of a metric; ``labels``: of its labels, in their order."""

    name: str
    labels: tuple[str, ...]
    value: float | Timings


@dataclass(slots=True)
class CacheFigures:
    hits: int = 0
    misses: int = 0
    entries: int = 0


@dataclass(slots=True)
class PoolFigures:
    """Of connections. ``most``: that there may be; ``waiting``: who wants one.

    ``refused``: by ``none_free`` or ``unreachable``. ``wait``: of those who got one.
    """

    most: int
    in_use: int = 0
    idle: int = 0
    waiting: int = 0
    opened: int = 0
    refused: Counter[str] = field(
        default_factory=lambda: Counter({"none_free": 0, "unreachable": 0})
    )
    wait: Timings = field(default_factory=Timings)


@dataclass(slots=True)
class TurnFigures:
    """``refused``: by the bound that was reached. ``wait``: of those who got a turn."""

    most: int
    taken: int = 0
    waiting: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    wait: Timings = field(default_factory=Timings)


@dataclass(slots=True)
class GateFigures:
    """``verdicts``: by verb, where they were found, and what they are: ``admitted``, or a code.

    ``elsewhere``: how long the other process took; ``given_up``: how often it did not answer.
    """

    verdicts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    elsewhere: Timings = field(default_factory=Timings)
    given_up: int = 0


@dataclass(slots=True)
class SweepFigures:
    """``done`` and ``failed`` by sweep; ``failing``: with which error each failed the last time.

    ``found``: what is wrong now, by its kind.

    ``ended_at``: when all of them had been done last, in seconds since 1970; None: never.
    """

    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    failing: dict[str, str] = field(default_factory=dict)
    found: Counter[str] = field(default_factory=Counter)
    ended_at: float | None = None
