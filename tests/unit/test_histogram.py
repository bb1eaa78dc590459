"""How long requests took: what a histogram tells of times that are known exactly."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.histogram import (
    LARGEST_ERROR,
    LONGEST,
    SHORTEST,
    Histogram,
    add,
    bucket_of,
    percentiles,
    seconds_of,
)

times = st.lists(st.floats(SHORTEST, LONGEST, exclude_max=True), min_size=1, max_size=200)
histograms = st.dictionaries(st.integers(-57, 66), st.integers(1, 10**9), max_size=30)
EVERY_PERCENT = range(1, 101)


def histogram_of(seconds: list[float]) -> Histogram:
    found: Histogram = {}
    for each in seconds:
        add(found, {bucket_of(each): 1})
    return found


def merged(*parts: Histogram) -> Histogram:
    def both(one: Histogram, other: Histogram) -> Histogram:
        whole = dict(one)
        add(whole, other)
        return whole

    return reduce(both, parts, {})


@given(times)
def test_each_percentile_is_near_the_exact_one(seconds: list[float]) -> None:
    ordered = sorted(seconds)
    found = percentiles(histogram_of(seconds), EVERY_PERCENT)
    for percent, told in zip(EVERY_PERCENT, found, strict=True):
        exact = ordered[-(-len(ordered) * percent // 100) - 1]
        assert abs(told - exact) <= exact * LARGEST_ERROR * (1 + 1e-9), percent


def test_the_error_is_as_the_pages_say() -> None:
    assert round(LARGEST_ERROR * 100, 1) == 9.1
    assert (round(SHORTEST * 1e6), round(LONGEST / 3600)) == (51, 31)


@given(histograms, histograms, histograms)
def test_merging_is_adding(one: Histogram, two: Histogram, three: Histogram) -> None:
    assert merged(merged(one, two), three) == merged(one, merged(two, three))
    assert merged(one, two) == merged(two, one)
    assert merged(one, {}) == one


@given(times, st.integers(0, 200))
def test_counted_apart_or_together(seconds: list[float], cut: int) -> None:
    apart = merged(histogram_of(seconds[:cut]), histogram_of(seconds[cut:]))
    assert apart == histogram_of(seconds)
    assert sum(apart.values()) == len(seconds)


@given(st.integers(-57, 66))
def test_a_bucket_holds_what_it_says(bucket: int) -> None:
    assert bucket_of(seconds_of(bucket)) == bucket
    assert bucket_of(2 ** (bucket / 4) * (1 + 1e-12)) == bucket
    assert bucket_of(2 ** ((bucket + 1) / 4) * (1 - 1e-12)) == bucket


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [(0.0, -57), (-1.0, -57), (1e-9, -57), (1e12, 66), (0.001, -40), (1.0, 0), (60.0, 23)],
)
def test_what_is_beyond_is_at_the_end(seconds: float, bucket: int) -> None:
    assert bucket_of(seconds) == bucket
