"""Values as Prometheus reads them."""

from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from domain.figures import Timings
from domain.histogram import PER_DOUBLING
from service.telemetry.definitions import DEFINITIONS, Definition, Kind
from service.telemetry.metrics import Values


def page(values: Values, accepted: str) -> tuple[bytes, str]:
    """With its media type, which is one of those that are ``accepted`` (HTTP's header)."""
    encode, media_type = choose_encoder(accepted)
    return encode(_Told(values)), media_type


class _Told(Collector):
    def __init__(self, values: Values) -> None:
        self._values: dict[str, list[tuple[tuple[str, ...], float | Timings]]] = {}
        for (name, labels), value in values.items():
            self._values.setdefault(name, []).append((labels, value))

    def collect(self) -> Iterable[Metric]:
        for definition in DEFINITIONS.values():
            yield _family(definition, sorted(self._values.get(definition.name, [])))


def _family(
    definition: Definition, values: Iterable[tuple[tuple[str, ...], float | Timings]]
) -> Metric:
    named = definition.name, definition.help
    if definition.kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(*named, labels=definition.labels)
        for labels, value in values:
            if isinstance(value, Timings):
                buckets = list(_buckets(value, definition.bounds))
                histogram.add_metric(labels, buckets, value.seconds)
        return histogram
    is_counter = definition.kind is Kind.COUNTER
    family = (CounterMetricFamily if is_counter else GaugeMetricFamily)(
        *named, labels=definition.labels
    )
    for labels, value in values:
        if not isinstance(value, Timings):
            family.add_metric(labels, value)
    return family


def _buckets(timings: Timings, bounds: tuple[int, ...]) -> Iterator[tuple[str, float]]:
    """How many took at most so long. A bucket of theirs ends where one of ours does."""
    ends = [bound * PER_DOUBLING for bound in bounds]
    within = [0] * (len(ends) + 1)
    for bucket, number in timings.histogram.items():
        position = next((at for at, end in enumerate(ends) if bucket < end), len(ends))
        within[position] += number
    names = [*(repr(2.0**bound) for bound in bounds), "+Inf"]
    yield from zip(names, map(float, accumulate(within)), strict=True)
