"""How long is measured: what a figure is worth, and what it costs to wait for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """``seconds`` of each load; ``calls`` in a round of what is timed call by call."""

    rounds: int
    seconds: float
    calls: int
    clone_megabytes: int
    scales: tuple[int, ...]


FULL = Pace(rounds=5, seconds=4, calls=60, clone_megabytes=1000, scales=(1_000, 5_000, 20_000))
QUICK = Pace(rounds=2, seconds=2, calls=15, clone_megabytes=100, scales=(1_000,))
