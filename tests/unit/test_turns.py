"""At most so many at a time, in the order in which they came, and nothing is kept of who has gone."""

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from random import Random

import pytest

from exceptions.errors import StatementCancelled, TooManyStatements
from service.turns import DatabaseTurns


def turns_of(
    at_once: int, of_owner: int = 100, in_all: int = 100, longest_wait: float = 10
) -> DatabaseTurns:
    return DatabaseTurns(at_once, of_owner, in_all, longest_wait)


def turn(
    turns: DatabaseTurns, database_id: int = 1, uid: str = "u1", label: str = "of-nobody 1"
) -> AbstractAsyncContextManager[None]:
    return turns(database_id, (1, uid), label)


def assert_empty(turns: DatabaseTurns) -> None:
    assert turns._lines == {}  # noqa: SLF001 - a leak would show nowhere else
    assert turns._running_of == {}  # noqa: SLF001 - as above
    assert turns._running == 0  # noqa: SLF001 - as above


async def test_no_more_than_may_at_a_time() -> None:
    turns = turns_of(3)
    running = most = 0

    async def work() -> None:
        nonlocal running, most
        async with turn(turns):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(work() for _ in range(50)))
    assert (running, most) == (0, 3)
    assert_empty(turns)


async def test_databases_do_not_wait_for_each_other() -> None:
    turns = turns_of(1)
    async with turn(turns, 1), turn(turns, 2):
        pass


async def test_who_waits_too_long_is_told() -> None:
    turns = turns_of(1, longest_wait=0.01)
    async with turn(turns):
        with pytest.raises(TooManyStatements, match=r"1 statements of this database are running"):
            async with turn(turns):
                pass
    async with turn(turns):
        pass
    assert_empty(turns)


async def test_who_gives_up_takes_no_turn() -> None:
    turns = turns_of(1)

    async def work() -> None:
        async with turn(turns):
            await asyncio.sleep(0)

    async with turn(turns):
        waiting = asyncio.create_task(work())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await asyncio.wait_for(work(), timeout=5)
    assert_empty(turns)


async def test_in_the_order_in_which_they_came() -> None:
    turns = turns_of(1)
    served: list[int] = []

    async def work(number: int) -> None:
        async with turn(turns):
            served.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(10)))
    assert served == list(range(10))


async def test_databases_of_one_owner_share_his_bound() -> None:
    turns = turns_of(8, of_owner=2, longest_wait=0.01)
    async with turn(turns, 1), turn(turns, 2):
        with pytest.raises(TooManyStatements, match="2 statements of this owner's databases are"):
            async with turn(turns, 3):
                pass
        async with turn(turns, 4, "u2"):
            pass
    async with turn(turns, 3):
        pass
    assert_empty(turns)


async def test_all_together_leave_some_free() -> None:
    turns = turns_of(8, of_owner=8, in_all=2, longest_wait=0.01)
    async with turn(turns, 1, "u1"), turn(turns, 2, "u2"):
        with pytest.raises(TooManyStatements, match="2 statements of all databases are running"):
            async with turn(turns, 3, "u3"):
                pass
    assert_empty(turns)


async def test_who_has_least_is_next() -> None:
    """However many of another's have waited for longer."""
    turns = turns_of(8, of_owner=2, in_all=2)
    served: list[str] = []

    async def work(owner: str, database_id: int) -> None:
        async with turn(turns, database_id, owner):
            served.append(owner)
            await asyncio.sleep(0)

    async with AsyncExitStack() as first:
        await first.enter_async_context(turn(turns, 1, "busy"))
        async with turn(turns, 2, "busy"):
            waiting = [asyncio.create_task(work("busy", 3)) for _ in range(5)]
            waiting.append(asyncio.create_task(work("light", 4)))
            await asyncio.sleep(0)
            assert served == []
        await asyncio.gather(*waiting)
    assert served == ["light", *["busy"] * 5]
    assert_empty(turns)


async def test_who_waits_is_cancelled_by_his_label() -> None:
    turns = turns_of(1)
    served: list[str] = []

    async def work(label: str) -> None:
        async with turn(turns, label=label):
            served.append(label)

    async with turn(turns, label="first 1"):
        cancelled, kept = (asyncio.create_task(work(label)) for label in ("second 1", "third 1"))
        await asyncio.sleep(0)
        assert not turns.cancel("first 1"), "it has its turn"
        assert not turns.cancel("nobody 1")
        assert turns.cancel("second 1")
        assert not turns.cancel("second 1")
        with pytest.raises(StatementCancelled, match="while it waited"):
            await cancelled
    await kept
    assert served == ["third 1"]
    assert_empty(turns)


async def test_who_gives_up_in_the_moment_of_his_turn_passes_it_on() -> None:
    turns = turns_of(1)

    async def work() -> None:
        async with turn(turns):
            pass

    async with turn(turns):
        first, second = (asyncio.create_task(work()) for _ in range(2))
        await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    assert_empty(turns)


async def test_nothing_is_left_of_a_crowd() -> None:
    """Of many databases and owners, of whom some give up, some fail and some are cancelled."""
    turns = turns_of(2, of_owner=3, in_all=5, longest_wait=0.02)
    chance = Random(1)  # noqa: S311 - an order, not a secret
    running: dict[str, int] = {}
    most: dict[str, int] = {}

    async def work(number: int) -> None:
        database_id = number // 2 % 12  # two of one at once: each bound is reached at the start
        bounds = [f"database {database_id}", f"owner {database_id % 2}", "all"]
        async with turn(turns, database_id, f"u{database_id % 2}", f"r{number % 50}"):
            for bound in bounds:
                running[bound] = running.get(bound, 0) + 1
                most[bound] = max(most.get(bound, 0), running[bound])
            try:
                await asyncio.sleep(chance.choice([0, 0, 0.001]))
                if chance.random() < 0.1:
                    raise ValueError(number)
            finally:
                for bound in bounds:
                    running[bound] -= 1

    crowd = [asyncio.create_task(work(number)) for number in range(500)]
    while pending := [task for task in crowd if not task.done()]:
        await asyncio.sleep(0)
        if chance.random() < 0.2:
            chance.choice(pending).cancel()
        turns.cancel(f"r{chance.randrange(50)}")
    outcomes = await asyncio.gather(*crowd, return_exceptions=True)
    kinds = {type(outcome) for outcome in outcomes}
    assert kinds <= {type(None), ValueError, StatementCancelled, TooManyStatements} | {
        asyncio.CancelledError
    }
    assert max(most.values()) == most["all"] == 5
    assert max(count for bound, count in most.items() if bound.startswith("owner")) == 3
    assert max(count for bound, count in most.items() if bound.startswith("database")) == 2
    assert set(running.values()) == {0}
    assert_empty(turns)
