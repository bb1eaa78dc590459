"""In the background of each worker: what requests have left is brought to its end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from math import inf
from time import monotonic

import structlog

from domain.consistency import Finding
from domain.ports import UnitOfWorkFactory
from domain.statistics import Keeping
from exceptions.errors import TwinbaseError
from service.use_cases.doctor import doctor
from service.use_cases.forget_answers import forget_answers
from service.use_cases.forget_audit import forget_audit
from service.use_cases.forget_operations import forget_operations
from service.use_cases.forget_statistics import forget_statistics
from service.use_cases.keep_usage import keep_usage
from service.use_cases.mend import MendedElsewhere, mend

Sweep = Callable[[UnitOfWorkFactory], Awaitable[int]]
"""Answers how much there was to do."""

_LOG = structlog.get_logger()
_FIRST_PAUSE = 1.0  # seconds, when a start has other things to do
_LONGEST_PAUSE = 60.0
_TELLING_PAUSE = 600.0
_KEEPING = Keeping()


@asynccontextmanager
async def sweeping(
    unit_of_work: UnitOfWorkFactory,
    heartbeat: float,
    keeping: Keeping = _KEEPING,
    first_pause: float = _FIRST_PAUSE,
    *,
    audit_days: int = 0,
) -> AsyncIterator[None]:
    """``heartbeat``: of operations; seconds without a sign of life that are too many."""
    sweeps: Mapping[str, Sweep] = {
        "mend": partial(_mend, heartbeat=heartbeat),
        "tell": Telling(heartbeat).tell,
        "forget_answers": forget_answers,
        "forget_operations": forget_operations,
        "forget_statistics": partial(forget_statistics, keeping=keeping),
        "forget_audit": partial(forget_audit, days=audit_days),
        "keep_usage": keep_usage,
    }
    pause = min(1.5 * heartbeat, _LONGEST_PAUSE)
    task = asyncio.create_task(_sweep(unit_of_work, sweeps, first_pause, pause), name="sweeping")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep(
    unit_of_work: UnitOfWorkFactory, sweeps: Mapping[str, Sweep], first_pause: float, pause: float
) -> None:
    await asyncio.sleep(first_pause)
    while True:
        for name, sweep in sweeps.items():
            await _swept(name, sweep, unit_of_work)
        await asyncio.sleep(pause)


async def _mend(unit_of_work: UnitOfWorkFactory, heartbeat: float) -> int:
    with suppress(MendedElsewhere):
        return await mend(unit_of_work, heartbeat)
    return 0


class Telling:
    """Of what the service does not mend: once, as long as it lasts."""

    def __init__(self, heartbeat: float, pause: float = _TELLING_PAUSE) -> None:
        self._heartbeat = heartbeat
        self._pause = pause
        self._looked_at = -inf
        self._told: set[Finding] = set()

    async def tell(self, unit_of_work: UnitOfWorkFactory) -> int:
        if monotonic() - self._looked_at < self._pause:
            return 0
        self._looked_at = monotonic()
        found = {
            each for each in await doctor(unit_of_work, self._heartbeat) if not each.kind.is_mended
        }
        new = found - self._told
        for finding in new:
            _LOG.warning("inconsistent", kind=finding.kind, what=finding.what)
        self._told = found
        return len(new)


async def _swept(name: str, sweep: Sweep, unit_of_work: UnitOfWorkFactory) -> None:
    try:
        done = await sweep(unit_of_work)
    except TwinbaseError as error:
        _LOG.warning("not_swept", sweep=name, error=type(error).__name__)
    except Exception:  # noqa: BLE001 - the next one may do better, and there is nobody else
        _LOG.exception("not_swept", sweep=name)
    else:
        if done:
            _LOG.info("swept", sweep=name, number=done)
