"""What a scrape tells, as Prometheus reads it."""

from collections.abc import Mapping

import httpx
from prometheus_client.parser import text_string_to_metric_families

from service.telemetry.definitions import DEFINITIONS, Kind
from tests.client import Client

PATH = "/metrics"
_OF_HISTOGRAMS = ("_bucket", "_count", "_sum")


class Scraped:
    """Values by name and labels; 0 is what is told, None is what is not."""

    def __init__(self, text: str) -> None:
        self.values: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                key = sample.name, frozenset(sample.labels.items())
                assert key not in self.values, f"told twice: {key}"
                self.values[key] = sample.value

    def __call__(self, name: str, **labels: str) -> float | None:
        return self.values.get((f"twinbase_{name}", frozenset(labels.items())))

    def grown(self, since: "Scraped", name: str, **labels: str) -> float:
        return (self(name, **labels) or 0) - (since(name, **labels) or 0)

    def labels(self, name: str) -> list[Mapping[str, str]]:
        return [dict(labels) for told, labels in self.values if told == f"twinbase_{name}"]

    def undefined(self) -> set[str]:
        """Whose name or labels are not those that the metric is defined with."""
        return {
            name
            for name, labels in self.values
            if not _is_defined(name, {label for label, _ in labels})
        }


def _is_defined(name: str, labels: set[str]) -> bool:
    for suffix in _OF_HISTOGRAMS:
        histogram = DEFINITIONS.get(name.removesuffix(suffix))
        if histogram is not None and histogram.kind is Kind.HISTOGRAM and name.endswith(suffix):
            return set(histogram.labels) == labels - {"le"}
    definition = DEFINITIONS.get(name)
    return definition is not None and set(definition.labels) == labels


def read(answer: httpx.Response) -> Scraped:
    assert answer.status_code == 200, answer.text
    return Scraped(answer.text)


async def scraped(client: Client) -> Scraped:
    return read(await client.http.get(PATH))
