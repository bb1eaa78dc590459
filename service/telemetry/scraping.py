"""What a scrape tells: of all workers, and of the installation as it was a moment ago."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Protocol

from domain.figures import Sample
from service.telemetry.metrics import Metrics, Values, add
from service.telemetry.sharing import SharedMetrics

_TRUSTED_FOR = 5.0  # seconds; Prometheus asks every fifteen


class Installation(Protocol):
    async def read(self) -> Sequence[Sample]: ...


class Scraping:
    """``shared`` None: there is one worker. ``token``: without it nothing is told."""

    def __init__(
        self,
        metrics: Metrics,
        shared: SharedMetrics | None,
        installation: Installation,
        *,
        is_on: bool = True,
        token: bytes | None = None,
    ) -> None:
        self.is_on = is_on
        self.token = token
        self._metrics = metrics
        self._shared = shared
        self._installation = installation
        self._reading = asyncio.Lock()
        self._read: Sequence[Sample] = ()
        self._read_at: float | None = None

    async def values(self) -> Values:
        read = await self._installation_lately()
        if self._shared is None:
            values = self._metrics.values()
        else:
            own = self._shared.write()
            values = await asyncio.to_thread(self._shared.with_others, own)
        add(values, read)
        return values

    async def _installation_lately(self) -> Sequence[Sample]:
        """Asked once for all who want to know meanwhile, however often they do."""
        async with self._reading:
            if self._read_at is None or monotonic() - self._read_at > _TRUSTED_FOR:
                self._read = await self._installation.read()
                self._read_at = monotonic()
            return self._read
