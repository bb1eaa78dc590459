"""Work on many rows, a slice at a time: in between, other requests have their turn."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

Row = TypeVar("Row")

_VALUES_AT_A_TIME = 20_000


async def in_slices(rows: Sequence[Row], columns: int) -> AsyncIterator[Sequence[Row]]:
    """``columns``: how many values a row has."""
    at_a_time = max(1, _VALUES_AT_A_TIME // max(1, columns))
    for begin in range(0, len(rows), at_a_time):
        if begin:
            await asyncio.sleep(0)
        yield rows[begin : begin + at_a_time]
