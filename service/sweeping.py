"""In the background of each worker: what requests have left is brought to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from domain.ports import UnitOfWorkFactory
from exceptions.errors import TwinbaseError
from service.use_cases.finish_drops import finish_drops
from service.use_cases.forget_answers import forget_answers

_LOG = structlog.get_logger()
_PAUSE = 60.0  # seconds; also before the first time, when a start has other things to do


@asynccontextmanager
async def sweeping(unit_of_work: UnitOfWorkFactory, pause: float = _PAUSE) -> AsyncIterator[None]:
    task = asyncio.create_task(_sweep(unit_of_work, pause), name="sweeping")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep(unit_of_work: UnitOfWorkFactory, pause: float) -> None:
    while True:
        await asyncio.sleep(pause)
        await _finish_drops(unit_of_work)
        await _forget_answers(unit_of_work)


async def _finish_drops(unit_of_work: UnitOfWorkFactory) -> None:
    try:
        schemas = await finish_drops(unit_of_work)
    except TwinbaseError as error:
        _LOG.warning("drops_not_finished", error=type(error).__name__)
    else:
        if schemas:
            _LOG.info("drops_finished", schemas=len(schemas))


async def _forget_answers(unit_of_work: UnitOfWorkFactory) -> None:
    try:
        forgotten = await forget_answers(unit_of_work)
    except TwinbaseError as error:
        _LOG.warning("answers_not_forgotten", error=type(error).__name__)
    else:
        if forgotten:
            _LOG.info("answers_forgotten", answers=forgotten)
