"""In the background of each worker: what requests have left is brought to its end."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from math import inf
from time import monotonic, time

import structlog

from domain.consistency import OF_DATABASES, OF_TENANTS, Finding
from domain.figures import SweepFigures
from domain.ports import UnitOfWorkFactory
from domain.statistics import Keeping
from exceptions.errors import TwinbaseError
from service.use_cases.doctor import MendedElsewhere, doctor, drift
from service.use_cases.forget_answers import forget_answers
from service.use_cases.forget_audit import forget_audit
from service.use_cases.forget_operations import forget_operations
from service.use_cases.forget_statistics import forget_statistics
from service.use_cases.keep_usage import keep_usage
from service.use_cases.mend import mend

Sweep = Callable[[UnitOfWorkFactory], Awaitable[int]]
"""Answers how much there was to do."""

_LOG = structlog.get_logger()
_FIRST_PAUSE = 1.0  # seconds, when a start has other things to do
_LONGEST_PAUSE = 60.0
_TELLING_PAUSE = 600.0
_TABLES_PAUSE = 3600.0
_KEEPING = Keeping()


@asynccontextmanager
async def sweeping(
    unit_of_work: UnitOfWorkFactory,
    heartbeat: float,
    keeping: Keeping = _KEEPING,
    first_pause: float = _FIRST_PAUSE,
    *,
    audit_days: int = 0,
    figures: SweepFigures | None = None,
) -> AsyncIterator[None]:
    """``heartbeat``: of operations; seconds without a sign of life that are too many."""
    figures = figures or SweepFigures()
    sweeps: Mapping[str, Sweep] = {
        "mend": partial(_mend, heartbeat=heartbeat),
        "tell": Telling(heartbeat, figures=figures).tell,
        "forget_answers": forget_answers,
        "forget_operations": forget_operations,
        "forget_statistics": partial(forget_statistics, keeping=keeping),
        "forget_audit": partial(forget_audit, days=audit_days),
        "keep_usage": keep_usage,
    }
    figures.failed.update(dict.fromkeys(sweeps, 0))
    pause = min(1.5 * heartbeat, _LONGEST_PAUSE)
    work = _sweep(unit_of_work, sweeps, figures, first_pause, pause)
    task = asyncio.create_task(work, name="sweeping")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep(
    unit_of_work: UnitOfWorkFactory,
    sweeps: Mapping[str, Sweep],
    figures: SweepFigures,
    first_pause: float,
    pause: float,
) -> None:
    await asyncio.sleep(first_pause)
    while True:
        for name, sweep in sweeps.items():
            await _swept(name, sweep, unit_of_work, figures)
        figures.ended_at = time()
        await asyncio.sleep(pause)


async def _mend(unit_of_work: UnitOfWorkFactory, heartbeat: float) -> int:
    with suppress(MendedElsewhere):
        return await mend(unit_of_work, heartbeat)
    return 0


class Telling:
    """Of what the service does not mend: once, as long as it lasts."""

    def __init__(
        self,
        heartbeat: float,
        pause: float = _TELLING_PAUSE,
        figures: SweepFigures | None = None,
    ) -> None:
        self._figures = figures or SweepFigures()
        self._heartbeat = heartbeat
        self._pause = pause
        self._looked_at = -inf
        self._tables_looked_at = -inf
        self._told: set[Finding] = set()
        self._drifted: set[Finding] = set()

    async def tell(self, unit_of_work: UnitOfWorkFactory) -> int:
        if monotonic() - self._looked_at < self._pause:
            return 0
        self._looked_at = monotonic()
        found = {
            each for each in await doctor(unit_of_work, self._heartbeat) if not each.kind.is_mended
        }
        found |= await self._drift(unit_of_work)
        new = sorted(found - self._told, key=lambda each: each.what)
        for line in {_line(finding): None for finding in new}:
            _LOG.warning("inconsistent", **dict(line))
        self._told = found
        self._figures.found = _counted(found)
        return len(new)

    async def _drift(self, unit_of_work: UnitOfWorkFactory) -> set[Finding]:
        """All tables of all databases: seldom, and in one worker at a time."""
        if monotonic() - self._tables_looked_at >= _TABLES_PAUSE:
            with suppress(MendedElsewhere):
                parts = [part async for part in drift(unit_of_work, alone=True)]
                self._drifted = {finding for part in parts for finding in part.findings}
                self._tables_looked_at = monotonic()
        return self._drifted


def _counted(found: Iterable[Finding]) -> Counter[str]:
    numbers: Counter[str] = Counter({kind: 0 for kind in OF_DATABASES if not kind.is_mended})
    numbers.update(finding.kind for finding in found)
    return numbers


async def _swept(
    name: str, sweep: Sweep, unit_of_work: UnitOfWorkFactory, figures: SweepFigures
) -> None:
    try:
        done = await sweep(unit_of_work)
    except TwinbaseError as error:
        behind = getattr(error.__cause__, "sqlstate", None)
        why = f"{type(error).__name__} {behind or ''}".rstrip()
        if figures.failing.get(name) != why:  # once, as long as it lasts
            _LOG.warning("not_swept", sweep=name, error=why)
        _failed(name, why, figures)
    except Exception as error:  # noqa: BLE001 - the next one may do better, and there is nobody else
        _LOG.exception("not_swept", sweep=name)
        _failed(name, type(error).__name__, figures)
    else:
        figures.failing.pop(name, None)
        figures.done[name] += done
        if done:
            _LOG.info("swept", sweep=name, number=done)


def _failed(name: str, why: str, figures: SweepFigures) -> None:
    figures.failed[name] += 1
    figures.failing[name] = why


def _line(finding: Finding) -> tuple[tuple[str, object], ...]:
    """Of tenants' objects once for a database and kind: the doctor tells names that they chose."""
    if finding.kind in OF_TENANTS:
        return (("kind", finding.kind), ("database_id", finding.database_id))
    return (("kind", finding.kind), ("what", finding.what))
