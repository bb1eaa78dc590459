"""Requests with an idempotency key: done once, and answered again as they were."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from domain.once import AnsweredBefore, Once
from domain.ports import KeysUnderWay, UnitOfWorkFactory
from exceptions.errors import TwinbaseError

Result = TypeVar("Result")


async def done_once(
    once: Once,
    run: Callable[[Once], Awaitable[Result]],
    unit_of_work: UnitOfWorkFactory,
    under_way: KeysUnderWay,
) -> Result:
    """What comes of ``run``, which commits its result with ``once``.

    An error that another try would meet again is an answer, too. Raises AnsweredBefore where there
    is one already, whatever has become of the database meanwhile.
    """
    async with under_way(once.key):
        async with unit_of_work() as work:
            answer = await work.answers.find(once.key)
        if answer is not None:
            raise AnsweredBefore(answer)
        try:
            return await run(once)
        except TwinbaseError as error:
            if not error.is_passing:
                await _keep(error, once, unit_of_work)
            raise


async def _keep(error: TwinbaseError, once: Once, unit_of_work: UnitOfWorkFactory) -> None:
    """Nothing was done, so that it does no harm where it cannot be kept."""
    with suppress(TwinbaseError):
        async with unit_of_work(once=once) as work:
            await work.commit(error)
