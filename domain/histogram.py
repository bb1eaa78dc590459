"""How long requests took, in buckets of which each reaches a fixed factor further than the last.

A histogram is how many there were by bucket. Bucket n holds what took from 2^(n/4) seconds on and
less than 2^((n+1)/4): -40 begins at a millisecond, 0 at a second. Two are merged by adding.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import floor, log2

Histogram = dict[int, int]

PER_DOUBLING = 4
_FIRST, _LAST = -57, 66

LARGEST_ERROR = 2 ** (0.5 / PER_DOUBLING) - 1
"""Of a percentile, as a part of the true one: 9.1 %."""

SHORTEST = 2 ** (_FIRST / PER_DOUBLING)
"""51 µs; what took less is counted as if it had taken so long."""

LONGEST = 2 ** ((_LAST + 1) / PER_DOUBLING)
"""30 hours; likewise."""


def bucket_of(seconds: float) -> int:
    if seconds <= SHORTEST:
        return _FIRST
    bucket = floor(PER_DOUBLING * log2(seconds))
    return min(bucket, _LAST)


def seconds_of(bucket: int) -> float:
    """The middle of a bucket, so that both bounds are equally many times as far away."""
    seconds: float = 2 ** ((bucket + 0.5) / PER_DOUBLING)
    return seconds


def add(histogram: Histogram, other: Mapping[int, int]) -> None:
    for bucket, number in other.items():
        histogram[bucket] = histogram.get(bucket, 0) + number


def percentiles(histogram: Mapping[int, int], percents: Sequence[int]) -> list[float]:
    """For each the shortest time, in seconds, that so many of a hundred did not exceed.

    ``percents`` from 1 to 100, growing; the histogram holds something.
    """
    buckets = sorted(histogram)
    up_to = list(accumulate(histogram[bucket] for bucket in buckets))
    found = []
    position = 0
    for percent in percents:
        rank = -(-up_to[-1] * percent // 100)
        while up_to[position] < rank:
            position += 1
        found.append(seconds_of(buckets[position]))
    return found
