"""Before a caller's statements run: the gate's verdict on them, and their turn."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

Verdict = TypeVar("Verdict")
Outcome = TypeVar("Outcome")

# Characters. The worst that can be written with them is judged in some 10 milliseconds.
SHORT_SQL = 1_024


async def judged_in_turn(
    sql: str,
    judge: Callable[[], Awaitable[Verdict]],
    turn: AbstractAsyncContextManager[None],
    turn_to_be_judged: AbstractAsyncContextManager[None],
    run: Callable[[Verdict], Awaitable[Outcome]],
) -> Outcome:
    """What comes of running the verdict, in a turn.

    Short SQL is judged before the wait, so that nobody waits to be refused; long SQL after it, and
    after a second one, so that nobody's long SQL keeps all others' waiting.
    """
    if len(sql) <= SHORT_SQL:
        verdict = await judge()
        async with turn:
            return await run(verdict)
    async with turn:
        async with turn_to_be_judged:
            verdict = await judge()
        return await run(verdict)
