"""How a worker and what it needs are: in parts, each with a word that says what to do."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from domain.operation import Json


class Status(StrEnum):
    """``UNKNOWN``: what it would be asked of does not answer."""

    OK = "ok"
    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Part:
    """``advice``: what to do, where it is not ok. ``facts``: numbers and words, as JSON."""

    name: str
    status: Status = Status.OK
    advice: str = ""
    facts: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Health:
    parts: Sequence[Part]

    @property
    def status(self) -> Status:
        """The worst of its parts."""
        order = list(Status)
        return max((part.status for part in self.parts), key=order.index, default=Status.OK)


class HealthProbe(Protocol):
    def __call__(self) -> Awaitable[Sequence[Part]]: ...
