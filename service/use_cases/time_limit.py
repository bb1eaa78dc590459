"""A bound on all that a request's statements take together."""

import asyncio
from time import perf_counter
from types import TracebackType
from typing import Self

from exceptions.errors import (
    ServiceUnavailable,
    StatementCancelled,
    StatementTimeout,
    TwinbaseError,
)

# PostgreSQL's own timeout comes first, and tells which statement it was.
_GRACE = 1.0  # seconds


class TimeLimit:
    """Raises StatementTimeout, or StatementCancelled for what ended before its time.

    ``commits_itself``: what is stopped may have been committed already, and ServiceUnavailable
    says so. As ``asyncio.timeout``, which takes several times as long: each request has one.
    """

    def __init__(
        self, milliseconds: int, grace: float = _GRACE, *, commits_itself: bool = False
    ) -> None:
        self._milliseconds = milliseconds
        self._commits_itself = commits_itself
        self._seconds = milliseconds / 1000 + grace
        self._is_over = False

    def lift(self) -> None:
        """For the commit: PostgreSQL bounds that itself.

        Whoever stops waiting for it cannot tell whether anything was changed.
        """
        self._timer.cancel()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        worker = asyncio.current_task(loop)
        if worker is None:
            raise RuntimeError("statements are run by a task")
        self._worker = worker
        self._cancelled_before = worker.cancelling()
        self._started = perf_counter()
        self._timer = loop.call_later(self._seconds, self._stop)
        return self

    def _stop(self) -> None:
        self._is_over = True
        self._worker.cancel()

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._is_over:
            by_others = self._worker.uncancel() > self._cancelled_before
            if isinstance(error, asyncio.CancelledError) and not by_others:
                raise self._too_late() from TimeoutError()  # as the log calls it
        if isinstance(error, TimeoutError):
            raise self._too_late() from error
        # PostgreSQL has one SQLSTATE for both.
        if isinstance(error, StatementTimeout) and self._has_time_left():
            raise StatementCancelled(None, error.sql) from error

    def _has_time_left(self) -> bool:
        return (perf_counter() - self._started) * 1000 < self._milliseconds

    def _too_late(self) -> TwinbaseError:
        if self._commits_itself:
            return ServiceUnavailable(
                f"PostgreSQL did not answer within {self._milliseconds} milliseconds; whether"
                " anything was changed is not known."
            )
        return StatementTimeout(
            f"The request's statements took longer than {self._milliseconds} milliseconds together"
            " and were stopped; nothing was changed."
        )
