"""Statements at a time: each holds an advisory lock, one of so many; a crash gives it back."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from secrets import randbelow

from domain.quota import Limit, Subject
from exceptions.quotas import QuotaError
from repository.own_session import OwnSession, SessionLost
from repository.queries import queries

_SQL = queries("quotas")
_MOST = 2**31 - 1  # that an advisory lock of two numbers tells apart


@dataclass(frozen=True, slots=True)
class _Slot:
    """``session``: which holds it."""

    subject: Subject
    number: int
    session: int


class Slots:
    """Of one worker. Where its session is lost, it counts by itself until there is another."""

    def __init__(self, session: OwnSession) -> None:
        self._session = session
        self._running: Counter[Subject] = Counter()
        self._held: set[_Slot] = set()
        self._giving_back: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def one_of(self, limit: Limit) -> AsyncIterator[None]:
        """Raises ConcurrencyExceeded."""
        limit.check(self._running[limit.subject])
        self._running[limit.subject] += 1
        taking = asyncio.create_task(self._take(limit), name="taking a slot")
        try:
            await asyncio.shield(taking)
            yield
        finally:
            await self._ended(limit.subject, taking)

    async def _take(self, limit: Limit) -> _Slot | None:
        """None: the session is lost."""
        with suppress(SessionLost):
            async with self._session.use() as connection:
                # PostgreSQL would give a session once more what it holds.
                mine = [slot.number for slot in self._of_this_session(limit.subject)]
                most = min(limit.most, _MOST)
                asked = (_name(limit.subject), most, randbelow(most), mine)
                rows = await connection.fetch(_SQL["take_slot"], *asked)
                if not rows:
                    raise limit.exceeded(limit.most)
                slot = _Slot(limit.subject, rows[0]["slot"], self._session.number)
                self._held.add(slot)
                return slot
        return None

    async def _ended(self, subject: Subject, taking: "asyncio.Task[_Slot | None]") -> None:
        """Also where nobody waits for it any more."""
        giving_back = asyncio.create_task(self._give_back(subject, taking), name="slot")
        self._giving_back.add(giving_back)
        giving_back.add_done_callback(self._giving_back.discard)
        await asyncio.shield(giving_back)

    async def _give_back(self, subject: Subject, taking: "asyncio.Task[_Slot | None]") -> None:
        try:
            with suppress(SessionLost, QuotaError):
                slot = await taking
                if slot is not None:
                    await self._unlock(slot)
        finally:
            self._running[subject] -= 1
            if not self._running[subject]:
                del self._running[subject]

    async def _unlock(self, slot: _Slot) -> None:
        try:
            async with self._session.use() as connection:
                if slot.session == self._session.number:
                    name = _name(slot.subject)
                    await connection.fetch(_SQL["give_slot_back"], name, slot.number)
        finally:
            self._held.discard(slot)

    def _of_this_session(self, subject: Subject) -> list[_Slot]:
        return [
            slot
            for slot in self._held
            if slot.subject == subject and slot.session == self._session.number
        ]


def _name(subject: Subject) -> str:
    return f"statements {subject.values!r}"
