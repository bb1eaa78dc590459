"""Before a caller's statements run: the gate's verdict on them, and their turn."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

Verdict = TypeVar("Verdict")

# Characters. The worst that can be written with them is judged in some 10 milliseconds.
SHORT_SQL = 1_024


@asynccontextmanager
async def judged_in_turn(
    sql: str,
    judge: Callable[[], Awaitable[Verdict]],
    turn: AbstractAsyncContextManager[None],
    turn_to_be_judged: AbstractAsyncContextManager[None],
) -> AsyncIterator[Verdict]:
    """The verdict, in a turn.

    Short SQL is judged before the wait, so that nobody waits to be refused; long SQL after it, and
    after a second one, so that nobody's long SQL keeps all others' waiting.
    """
    if len(sql) <= SHORT_SQL:
        verdict = await judge()
        async with turn:
            yield verdict
        return
    async with turn:
        async with turn_to_be_judged:
            verdict = await judge()
        yield verdict
