"""Counts a worker's requests in memory, and adds them to PostgreSQL's figures every two seconds."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from uuid import uuid4

import structlog

from domain.ports import UnitOfWorkFactory
from domain.statistics import Counted, RequestKey
from exceptions.errors import TwinbaseError
from service.repeating import repeating

_LOG = structlog.get_logger()
_WRITES_APART = 2.0  # seconds
_MOST_KEYS = 10_000  # about ten megabytes


class RequestTally:
    """What a lost connection leaves uncertain is written again, and counts once all the same.

    So what is being written stays as it is until PostgreSQL has said that it has it; what comes
    meanwhile is of the next batch.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work
        self._counted: dict[RequestKey, Counted] = {}
        self._writing: dict[RequestKey, Counted] = {}
        self._writer = uuid4()
        self._batch = 0
        self._turn = asyncio.Lock()
        self._ended: dict[tuple[str, int], Counted] = {}
        self.in_flight: Counter[str] = Counter()
        """By verb."""
        self.left_out = 0
        """Requests that found no room: PostgreSQL has been away for long, and there were many."""
        self.was_written = True
        """The last time."""

    def begin(self, verb: str) -> None:
        self.in_flight[verb] += 1

    def end(self, verb: str) -> None:
        self.in_flight[verb] -= 1

    def count(
        self,
        key: RequestKey,
        seconds: float,
        *,
        rows_in: int,
        rows_out: int,
        bytes_in: int,
        bytes_out: int,
    ) -> None:
        counted = self._counted.get(key)
        if counted is None:
            if len(self._counted) >= _MOST_KEYS:
                self.left_out += 1
                counted = self._ended_with(key)
                counted.count(seconds, rows_in, rows_out, bytes_in, bytes_out)
                return
            counted = self._counted[key] = Counted()
        counted.count(seconds, rows_in, rows_out, bytes_in, bytes_out)

    async def write(self) -> None:
        async with self._turn:
            if self._writing:
                await self._write_batch()
            if self._counted:
                self._writing, self._counted = self._counted, {}
                self._batch += 1
                for key, counted in self._writing.items():
                    self._ended_with(key).add(counted)
                await self._write_batch()

    def ended(self) -> Mapping[tuple[str, int], Counted]:
        """Requests since this worker's start, written or not, by verb and code."""
        figures: dict[tuple[str, int], Counted] = {}
        for verb_and_code, counted in (
            *self._ended.items(),
            *((key[1:], counted) for key, counted in self._counted.items()),
        ):
            figures.setdefault(verb_and_code, Counted()).add(counted)
        return figures

    def _ended_with(self, key: RequestKey) -> Counted:
        _, verb, code = key
        return self._ended.setdefault((verb, code), Counted())

    @property
    def unwritten(self) -> int:
        """Requests."""
        both = (*self._writing.values(), *self._counted.values())
        return sum(counted.requests for counted in both)

    async def _write_batch(self) -> None:
        async with self._unit_of_work(lasting=False) as work:
            await work.statistics.add(self._writer, self._batch, self._writing)
            await work.commit()
        self._writing = {}


@asynccontextmanager
async def tallying(unit_of_work: UnitOfWorkFactory) -> AsyncIterator[RequestTally]:
    tally = RequestTally(unit_of_work)
    try:
        async with repeating(partial(_write_or_tell, tally), _WRITES_APART, "tally"):
            yield tally
    finally:
        if not await _is_written(tally):
            _LOG.warning("requests_not_counted", number=tally.unwritten)


async def _write_or_tell(tally: RequestTally) -> None:
    """Once, as long as it cannot be written."""
    was_written, tally.was_written = tally.was_written, await _is_written(tally)
    if was_written and not tally.was_written:
        _LOG.warning("tally_not_written")
    if tally.was_written and tally.left_out:
        _LOG.warning("requests_not_counted", number=tally.left_out)
        tally.left_out = 0


async def _is_written(tally: RequestTally) -> bool:
    try:
        await tally.write()
    except TwinbaseError:
        return False
    except Exception:  # noqa: BLE001 - the next time may do better, and there is nobody else
        _LOG.exception("tally_not_written")
        return False
    return True
