"""What a transaction of the service's own offers of figures, as ``domain.stores`` of all else."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from domain.statistics import (
    Counted,
    EndedOperations,
    Keeping,
    Kept,
    Line,
    Period,
    RequestKey,
)


class StatisticsStore(Protocol):
    """Figures of past requests and operations."""

    async def add(self, writer: UUID, batch: int, counted: Mapping[RequestKey, Counted]) -> None:
        """To the minute and the hour that it is now; once, however often a batch is written.

        ``batch``: counts up, for each ``writer``.
        """

    async def kept(self, keeping: Keeping) -> Kept: ...

    async def by_verb(
        self, period: Period, platform_id: int | None, verb: str | None, most: int
    ) -> Sequence[Line]:
        """In the period's points, else in one; ``most``: there may be more of them.

        ``platform_id``, ``verb`` None: of all.
        """

    async def by_platform(self, period: Period, verb: str | None) -> Sequence[Line]:
        """Over the whole period."""

    async def operations(
        self, period: Period, platform_id: int | None, kind: str | None
    ) -> Sequence[EndedOperations]:
        """Those that ended in the period."""

    async def forget(self, keeping: Keeping, most: int) -> int:
        """What is older, the oldest first; how many rows, at most ``most`` of each kind.

        Nothing while another worker is at it.
        """
