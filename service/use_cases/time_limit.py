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
    says so.
    """

    def __init__(
        self, milliseconds: int, grace: float = _GRACE, *, commits_itself: bool = False
    ) -> None:
        self._milliseconds = milliseconds
        self._commits_itself = commits_itself
        self._limit = asyncio.timeout(milliseconds / 1000 + grace)

    def lift(self) -> None:
        """For the commit: PostgreSQL bounds that itself.

        Whoever stops waiting for it cannot tell whether anything was changed.
        """
        if not self._limit.expired():
            self._limit.reschedule(None)

    async def __aenter__(self) -> Self:
        self._started = perf_counter()
        await self._limit.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._limit.__aexit__(kind, error, traceback)
        except TimeoutError as end:
            raise self._too_late() from end
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
