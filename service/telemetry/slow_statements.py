"""A line of the log for each statement of a tenant's that took long, however it ended."""

import asyncio
from contextvars import copy_context

import structlog

from domain.fingerprint import fingerprint_of
from domain.observation import WAITED_FOR_TURN, ObservedStatement
from domain.schema import whose

_LOG = structlog.get_logger()

# Characters of SQL whose fingerprint is made while others wait: a fifth of a millisecond.
_SHORT = 1_024


class SlowStatements:
    """An observer of statements."""

    def __init__(self, threshold_ms: int) -> None:
        self._threshold = threshold_ms / 1000

    def __call__(self, seen: ObservedStatement) -> None:
        if seen.seconds < self._threshold:
            return
        if seen.statement is None or len(seen.statement.text) <= _SHORT:
            _tell(seen)
        else:
            asyncio.get_running_loop().run_in_executor(None, copy_context().run, _tell, seen)


def _tell(seen: ObservedStatement) -> None:
    environment, database_id = whose(seen.schema)
    failure = {} if seen.error is None else {"error": type(seen.error).__name__}
    if seen.sqlstate is not None:
        failure["sqlstate"] = seen.sqlstate
    _LOG.warning(
        "slow_statement",
        kind=seen.kind,
        fingerprint=None if seen.statement is None else fingerprint_of(seen.statement),
        number=seen.number,
        ms=_milliseconds(seen.seconds),
        turn_ms=_milliseconds(WAITED_FOR_TURN.get()),
        connection_ms=_milliseconds(seen.waited),
        rows=seen.rows,
        database_id=database_id,
        env=environment,
        **failure,
    )


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
