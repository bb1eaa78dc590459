"""One request of a key at a time in a worker; the others wait, and not for ever."""

import asyncio

import pytest

from domain.once import OnceKey
from exceptions.errors import DatabaseBusy
from service.keys_under_way import KeysOfThisWorker


def key_of(uid: str, key: str) -> OnceKey:
    return OnceKey((1, uid), key, b"")


async def test_one_at_a_time() -> None:
    keys = KeysOfThisWorker(longest_wait=5)
    inside: list[int] = []
    most = 0

    async def enter(number: int) -> None:
        nonlocal most
        async with keys(key_of("u1", "k")):
            inside.append(number)
            most = max(most, len(inside))
            await asyncio.sleep(0)
            inside.remove(number)
            if number % 3 == 0:
                raise ValueError

    outcomes = await asyncio.gather(*(enter(n) for n in range(9)), return_exceptions=True)
    assert most == 1
    assert sum(isinstance(outcome, ValueError) for outcome in outcomes) == 3


async def test_other_keys_and_other_uids_do_not_wait() -> None:
    keys = KeysOfThisWorker(longest_wait=0.01)
    async with (
        keys(key_of("u1", "k")),
        keys(key_of("u2", "k")),
        keys(key_of("u1", "l")),
    ):
        with pytest.raises(DatabaseBusy, match="still under way"):
            async with keys(key_of("u1", "k")):
                pytest.fail("two at a time")
    async with keys(key_of("u1", "k")):
        pass


async def test_who_gives_up_keeps_nobody_waiting() -> None:
    keys = KeysOfThisWorker(longest_wait=5)

    async def enter() -> None:
        async with keys(key_of("u1", "k")):
            pass

    async with keys(key_of("u1", "k")):
        waiting = [asyncio.create_task(enter()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [
        asyncio.CancelledError,
        type(None),
        type(None),
    ]
