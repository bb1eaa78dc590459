"""Idempotency keys: claimed by the transaction that does what they stand for, kept with its answer.

So there is no key without its effect, and no effect without its key, whatever crashes in between.
"""

import asyncpg
from asyncpg import Connection

from domain.once import UNDER_WAY, AnsweredBefore, KeptAnswer, Once, OnceKey
from exceptions.errors import DatabaseBusy, IdempotencyKeyReused
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries

_SQL = queries("once")


class Answers:
    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def find(self, key: OnceKey) -> KeptAnswer | None:
        with translated():
            return await _find(self._driver, key)

    async def forget_expired(self, most: int) -> int:
        with translated():
            (row,) = await fetch(self._driver, _SQL["forget_expired"], most)
        return int(row["forgotten"])


async def claim(driver: Connection, key: OnceKey) -> None:
    """The first thing in a transaction, so that nobody waits here who is himself waited for.

    Raises AnsweredBefore, IdempotencyKeyReused, DatabaseBusy.
    """
    try:
        claimed = await fetch(driver, _SQL["claim"], *key.owner, key.key, key.fingerprint)
    except asyncpg.LockNotAvailableError as error:
        raise DatabaseBusy(UNDER_WAY) from error
    if claimed:
        return
    answer = await _find(driver, key)
    if answer is None:
        raise DatabaseBusy(UNDER_WAY)
    raise AnsweredBefore(answer)


async def keep(driver: Connection, once: Once, result: object) -> None:
    """The last thing before the COMMIT."""
    answer = await once.encode(result)
    await fetch(
        driver,
        _SQL["keep"],
        *once.key.owner,
        once.key.key,
        answer.code,
        answer.http_status,
        answer.message,
        answer.data,
    )


async def _find(driver: Connection, key: OnceKey) -> KeptAnswer | None:
    rows = await fetch(driver, _SQL["find"], *key.owner, key.key)
    if not rows:
        return None
    (row,) = rows
    if row["fingerprint"] != key.fingerprint:
        raise IdempotencyKeyReused
    return KeptAnswer(row["code"], row["http_status"], row["message"], row["data"])
