"""A bound on all that a request's statements take together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter

from exceptions.errors import ServiceUnavailable, StatementCancelled, StatementTimeout

# PostgreSQL's own timeout comes first, and tells which statement it was.
_GRACE = 1.0  # seconds


@asynccontextmanager
async def time_limit(
    milliseconds: int, grace: float = _GRACE, *, commits_itself: bool = False
) -> AsyncIterator[Callable[[], None]]:
    """Raises StatementTimeout, or StatementCancelled for what ended before its time.

    Gives what lifts the limit, for the commit: PostgreSQL bounds that itself, and whoever stops
    waiting for it cannot tell whether anything was changed. ``commits_itself``: what is
    stopped may have been committed already, and ServiceUnavailable says so.
    """
    started = perf_counter()
    try:
        async with asyncio.timeout(milliseconds / 1000 + grace) as limit:

            def lift() -> None:
                if not limit.expired():
                    limit.reschedule(None)

            yield lift
    except TimeoutError as error:
        if commits_itself:
            raise ServiceUnavailable(
                f"PostgreSQL did not answer within {milliseconds} milliseconds; whether anything"
                " was changed is not known."
            ) from error
        raise StatementTimeout(
            f"The request's statements took longer than {milliseconds} milliseconds together and"
            " were stopped; nothing was changed."
        ) from error
    except StatementTimeout as error:
        # PostgreSQL has one SQLSTATE for both.
        if (perf_counter() - started) * 1000 < milliseconds:
            raise StatementCancelled(None, error.sql) from error
        raise
