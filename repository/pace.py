"""Statements per second: buckets in PostgreSQL, from which workers take some at a time."""

import asyncio
from dataclasses import dataclass, field
from math import ceil, inf
from time import monotonic

from domain.ports import UnitOfWorkFactory
from domain.quota import Limit, Subject

_TAKEN_A_SECOND = 10
_MOST_TAKEN = 1_000_000  # at a time
_LASTING = 1.0  # seconds, after which what was taken and not needed is gone
_MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class _Taken:
    """``number``: statements that may be run until ``until``; below zero: that were, in advance.

    ``refused_until``: nobody need ask before, unless the quota is not ``refused_by`` any more. Both
    by a clock that nobody sets.
    """

    number: int = 0
    until: float = -inf
    refused_until: float = -inf
    refused_by: int = 0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Pace:
    """Of one worker. A second's worth may come at once; and 1/10 of it for each worker more."""

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work
        self._taken: dict[Subject, _Taken] = {}

    async def take(self, limit: Limit) -> None:
        """Raises RateExceeded."""
        if not limit.most:  # whatever was taken while there were some
            raise limit.too_fast(None)
        taken = self._taken.get(limit.subject)
        if taken is None:
            taken = self._remember(limit.subject)
        now = monotonic()
        if taken.number > 0 and now < taken.until:
            taken.number -= 1
            return
        async with taken.asking:
            await self._ask(limit, taken)

    def charge(self, limit: Limit, statements: int) -> None:
        self._remember(limit.subject).number -= statements

    async def _ask(self, limit: Limit, taken: _Taken) -> None:
        now = monotonic()
        if taken.number <= 0 or now >= taken.until:
            if now < taken.refused_until and limit.most == taken.refused_by:
                raise limit.too_fast(taken.refused_until - now)
            await self._take_more(limit, taken)
        taken.number -= 1

    async def _take_more(self, limit: Limit, taken: _Taken) -> None:
        at_a_time = min(ceil(limit.most / _TAKEN_A_SECOND), _MOST_TAKEN)
        # Of what is run in advance while PostgreSQL is asked, it is told the next time.
        in_advance, taken.number = max(0, -taken.number), 0
        try:
            async with self._unit_of_work(lasting=False) as work:
                granted, left = await work.quotas.take_statements(limit, at_a_time, in_advance)
                await work.commit()
        except BaseException:
            taken.number -= in_advance
            raise
        taken.number += granted
        now = monotonic()
        taken.until = now + _LASTING
        if not granted:
            taken.refused_until = now + (1 - left) / limit.most
            taken.refused_by = limit.most
            raise limit.too_fast(taken.refused_until - now)

    def _remember(self, subject: Subject) -> _Taken:
        if len(self._taken) >= _MOST_REMEMBERED:
            self._taken = {
                subject: taken
                for subject, taken in self._taken.items()
                if taken.until > monotonic() or taken.asking.locked()
            }
        return self._taken.setdefault(subject, _Taken())
