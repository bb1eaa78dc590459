"""Who waits for an operation hears of each change of it, in whichever worker it was made."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

OPERATIONS_CHANNEL = "twinbase_operations"
"""NOTIFY carries the id of an operation that has changed."""


class OperationNews:
    def __init__(self) -> None:
        self._watched: dict[int, set[asyncio.Event]] = {}

    def tell(self, operation_id: int) -> None:
        for changed in self._watched.get(operation_id, ()):
            changed.set()

    @contextmanager
    def of(self, operation_id: int) -> Iterator[asyncio.Event]:
        """Set with each change. News may be lost where the connection is: look now and then."""
        changed = asyncio.Event()
        watchers = self._watched.setdefault(operation_id, set())
        watchers.add(changed)
        try:
            yield changed
        finally:
            watchers.discard(changed)
            if not watchers:
                del self._watched[operation_id]
