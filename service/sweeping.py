"""In the background of each worker: what an interrupted request has left is brought to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from domain.ports import UnitOfWorkFactory
from exceptions.errors import TwinbaseError
from service.use_cases.finish_drops import finish_drops
from service.use_cases.resume_operations import resume_operations

_LOG = structlog.get_logger()
_FIRST_PAUSE = 1.0  # seconds, when a start has other things to do
_PAUSE = 60.0


@asynccontextmanager
async def sweeping(
    unit_of_work: UnitOfWorkFactory, first_pause: float = _FIRST_PAUSE, pause: float = _PAUSE
) -> AsyncIterator[None]:
    task = asyncio.create_task(_sweep(unit_of_work, first_pause, pause), name="sweeping")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep(unit_of_work: UnitOfWorkFactory, first_pause: float, pause: float) -> None:
    await asyncio.sleep(first_pause)
    while True:
        try:
            schemas = await finish_drops(unit_of_work)
            operations = await resume_operations(unit_of_work)
        except TwinbaseError as error:
            _LOG.warning("not_swept", error=type(error).__name__)
        else:
            if schemas or operations:
                _LOG.info("swept", schemas=len(schemas), operations=len(operations))
        await asyncio.sleep(pause)
