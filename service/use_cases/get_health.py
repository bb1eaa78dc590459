import asyncio
from collections.abc import Sequence

from domain.health import Health, HealthProbe, Part


async def get_health(probes: Sequence[HealthProbe]) -> Health:
    """As of now; each probe bounds how long it takes, and tells of a failure as of its finding."""
    found: list[Sequence[Part]] = await asyncio.gather(*(probe() for probe in probes))
    return Health([part for parts in found for part in parts])
