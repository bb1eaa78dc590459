import asyncio
from itertools import count

import pytest

from domain.operation import Progress
from repository import clone_progress
from repository.clone_progress import CloneProgress


async def test_what_is_told_late_does_not_follow_what_is_newer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where the first message waits for a connection while the copy is made."""
    seconds = count(1)
    monkeypatch.setattr(clone_progress, "monotonic", lambda: next(seconds))
    is_free, told = asyncio.Event(), []

    async def tell(progress: Progress) -> None:
        await is_free.wait()
        told.append((progress.step, progress.steps_done))

    progress = CloneProgress(tell)
    begun = asyncio.create_task(progress.begin(3, []))
    await asyncio.sleep(0)
    await asyncio.wait_for(progress.did("rows", statements=2), 10)  # waits for nobody
    is_free.set()
    await begun
    await progress.did("comparing", statements=1)
    assert told == [("structure", 0), ("comparing", 3)]
