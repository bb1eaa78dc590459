"""In the background of each worker: what something interrupted has left is brought to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from domain.consistency import Finding
from domain.ports import UnitOfWorkFactory
from exceptions.errors import TwinbaseError
from service.use_cases.mend import MendedElsewhere, mend

_LOG = structlog.get_logger()
_FIRST_PAUSE = 1.0  # seconds, when a start has other things to do
_PAUSE = 60.0


@asynccontextmanager
async def sweeping(
    unit_of_work: UnitOfWorkFactory, first_pause: float = _FIRST_PAUSE, pause: float = _PAUSE
) -> AsyncIterator[None]:
    task = asyncio.create_task(_sweep(unit_of_work, first_pause, pause), name="sweeping")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep(unit_of_work: UnitOfWorkFactory, first_pause: float, pause: float) -> None:
    told: set[Finding] = set()
    await asyncio.sleep(first_pause)
    while True:
        try:
            with suppress(MendedElsewhere):
                told = _tell(await mend(unit_of_work), told)
        except TwinbaseError as error:
            _LOG.warning("not_swept", error=type(error).__name__)
        await asyncio.sleep(pause)


def _tell(findings: list[Finding], told: set[Finding]) -> set[Finding]:
    """Each once, as long as it lasts."""
    for finding in findings:
        if finding not in told:
            _LOG.warning("inconsistent", kind=finding.kind, what=finding.what)
    return set(findings)
