"""How long a test waits for what has to come: only what hangs takes so long, on a busy machine too."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE = 100.0  # seconds
_POLL = 0.02


async def eventually(ask: Callable[[], Awaitable[Found]]) -> Found:
    """What ``ask`` answers as soon as it is true; of what nobody tells."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await ask()
            if found:
                return found
            await asyncio.sleep(_POLL)
