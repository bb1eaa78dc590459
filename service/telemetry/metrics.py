"""A worker's metrics: asked of its parts when somebody wants to see them.

A part counts for itself, in plain numbers (``domain.figures``); here are only the values that
nobody else has. A request pays nothing for being seen.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from domain.figures import Sample, Timings
from domain.observation import ObservedStatement, ObservedTransaction
from service.telemetry.definitions import DEFINITIONS

Source = Callable[[], Iterable[Sample]]

Values = dict[tuple[str, tuple[str, ...]], float | Timings]
"""By metric and labels."""


class Metrics:
    """Of one worker."""

    def __init__(self) -> None:
        self._sources: list[Source] = [self._own]
        self._statements: dict[str, Timings] = {}
        self._transactions: dict[str, Timings] = {}
        self._quota_refusals: Counter[tuple[str, str]] = Counter()

    def ask(self, source: Source) -> None:
        """Whenever somebody wants to know."""
        self._sources.append(source)

    def statement(self, seen: ObservedStatement) -> None:
        timings = self._statements.get(seen.kind)
        if timings is None:
            timings = self._statements[seen.kind] = Timings()
        timings.count(seen.seconds)

    def transaction(self, seen: ObservedTransaction) -> None:
        timings = self._transactions.get(seen.kind)
        if timings is None:
            timings = self._transactions[seen.kind] = Timings()
        timings.count(seen.seconds)

    def quota_refused(self, resource: str, of: str) -> None:
        self._quota_refusals[resource, of] += 1

    def values(self) -> Values:
        values: Values = {}
        for source in self._sources:
            add(values, source())
        return values

    def _own(self) -> Iterable[Sample]:
        for kind, timings in self._statements.items():
            yield Sample("twinbase_statement_seconds", (kind,), timings)
        for kind, timings in self._transactions.items():
            yield Sample("twinbase_transaction_seconds", (kind,), timings)
        for refused, number in self._quota_refusals.items():
            yield Sample("twinbase_quota_refusals_total", refused, number)


def add(values: Values, samples: Iterable[Sample]) -> None:
    """As the metrics' definitions say: nearly all are sums."""
    for name, labels, value in samples:
        key = name, labels
        if isinstance(value, Timings):
            timings = values.setdefault(key, Timings())
            if not isinstance(timings, Timings):
                raise TypeError(f"{name} is no histogram")
            timings.add(value)
            continue
        before = values.get(key, 0.0)
        if isinstance(before, Timings):
            raise TypeError(f"{name} is a histogram")
        values[key] = max(before, value) if DEFINITIONS[name].is_largest else before + value
