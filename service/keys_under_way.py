"""Who repeats a request that is under way waits for it here, without a connection or a turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from domain.once import UNDER_WAY, OnceKey
from domain.ownership import Owner
from exceptions.errors import DatabaseBusy


class KeysOfThisWorker:
    """Of one worker; between workers PostgreSQL lets one wait for the other."""

    def __init__(self, longest_wait: float) -> None:
        self._longest_wait = longest_wait  # seconds
        self._locks: WeakValueDictionary[tuple[Owner, str], asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def __call__(self, key: OnceKey) -> AsyncIterator[None]:
        lock = self._locks.setdefault((key.owner, key.key), asyncio.Lock())
        try:
            async with asyncio.timeout(self._longest_wait):
                await lock.acquire()
        except TimeoutError as error:
            raise DatabaseBusy(UNDER_WAY) from error
        try:
            yield
        finally:
            lock.release()
