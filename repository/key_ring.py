"""Whose key a request was sent with: all keys in memory, kept true by LISTEN."""

import asyncio
from hmac import compare_digest
from math import inf
from time import monotonic

import structlog

from domain.figures import CacheFigures
from domain.platform import ANYBODY, Identity, KnownKey, hash_of
from domain.ports import UnitOfWorkFactory
from exceptions.errors import TwinbaseError, Unauthenticated
from repository.own_session import OwnSession
from repository.platforms import PLATFORMS_CHANNEL

_LOG = structlog.get_logger()
_LONGEST_TRUST = 60.0  # seconds
_LONGEST_TRUST_UNHEARD = 5.0
_LOOKS_APART = 0.2  # for a key that is not known


class CachedKeyRing:
    """Keys are found by their hashes, so that the time it takes tells nothing of any key.

    What has expired PostgreSQL's clock says, carried on by one that nobody sets.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory, session: OwnSession) -> None:
        self._unit_of_work = unit_of_work
        self._session = session
        self._known: dict[bytes, KnownKey] = {}
        self._used: dict[int, float] = {}
        self._figures = CacheFigures()
        self._read_at = -inf
        self._told = 0  # grows with every message, so that what was read before one is not trusted
        self._read_when_told = -1
        self._clock_ahead = 0.0  # PostgreSQL's before ours
        self._reading: asyncio.Task[None] | None = None
        session.hear(PLATFORMS_CHANNEL, lambda _message: self.forget(), self.forget)

    async def identity(self, key: bytes | None) -> Identity:
        if key is None:
            raise Unauthenticated
        hashed = hash_of(key)
        found = await self._found(hashed)
        if found is None or not compare_digest(found.hash, hashed):
            raise Unauthenticated("The key is not known.")
        now = monotonic() + self._clock_ahead
        if found.refusal is not None:
            raise Unauthenticated(found.refusal)
        if found.expires_at is not None and now >= found.expires_at:
            raise Unauthenticated("The key has expired.")
        self._used[found.key_id] = now
        return found.identity

    @property
    def figures(self) -> CacheFigures:
        self._figures.entries = len(self._known)
        return self._figures

    def forget(self) -> None:
        self._told += 1

    async def mark_used(self) -> None:
        """In PostgreSQL, which keys were; from time to time, and at the end."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            async with self._unit_of_work(lasting=False) as work:
                await work.platforms.mark_used(used)
                await work.commit()
        except TwinbaseError as error:
            _LOG.warning("keys_not_marked", error=type(error).__name__)
            self._used = used | self._used

    async def _found(self, hashed: bytes) -> KnownKey | None:
        misses = self._figures.misses
        if not self._is_fresh(self._longest_trust):
            await self._read()
        found = self._known.get(hashed)
        if found is None and not self._is_fresh(_LOOKS_APART):
            await self._read()
            found = self._known.get(hashed)
        if misses == self._figures.misses:
            self._figures.hits += 1
        return found

    @property
    def _longest_trust(self) -> float:
        return _LONGEST_TRUST if self._session.is_open else _LONGEST_TRUST_UNHEARD

    def _is_fresh(self, longest: float) -> bool:
        return self._read_when_told == self._told and monotonic() - self._read_at <= longest

    async def _read(self) -> None:
        """Once for all who ask meanwhile, and not again because one of them hangs up."""
        self._figures.misses += 1
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_all(), name="keys")
        await asyncio.shield(self._reading)

    async def _read_all(self) -> None:
        told = self._told
        async with self._unit_of_work() as work:
            known = await work.platforms.known_keys()
            now = await work.platforms.clock()
        self._known = {each.hash: each for each in known}
        self._read_at = monotonic()
        self._clock_ahead = now - self._read_at
        self._read_when_told = told


class NoKeys:
    """Where no keys are asked for, whatever is sent."""

    async def identity(self, _key: bytes | None) -> Identity:
        return ANYBODY

    def forget(self) -> None:
        pass
