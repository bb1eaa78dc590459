"""A transaction on a connection of a pool: how it begins, and that it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from domain.timeouts import Timeouts
from repository.connection import PoolConnection
from repository.driver_errors import translated
from repository.engine import driver_of, taken_from


@asynccontextmanager
async def transaction(engine: AsyncEngine, begin: str) -> AsyncIterator[PoolConnection]:
    """``begin``: the statements that open it. Whoever leaves without a COMMIT rolls back."""
    with translated():
        pooled = await taken_from(engine)
    driver = driver_of(pooled)
    cancelled = True
    try:
        with translated():
            await driver.execute(begin)
        yield driver
        cancelled = False
    except Exception:
        cancelled = False
        raise
    finally:
        try:
            await driver.leave_transaction(cancelled=cancelled)
        finally:
            await greenlet_spawn(pooled.close)


def beginning(
    timeouts: Timeouts,
    *,
    label: str | None = None,
    snapshot: bool = False,
    exported: str | None = None,
) -> str:
    """One message; the snapshot is taken by the first statement that reads.

    ``exported``: the snapshot of another transaction, which is still running.
    """
    level = " ISOLATION LEVEL REPEATABLE READ" if snapshot or exported else ""
    adopted = f";SET TRANSACTION SNAPSHOT {_constant(exported)}" if exported else ""
    named = "" if label is None else f";SET LOCAL application_name TO {_constant(label)}"
    return (
        f"BEGIN{level}{adopted};"
        f"SET LOCAL statement_timeout TO {timeouts.statement:d};"
        f"SET LOCAL lock_timeout TO {timeouts.lock:d}{named}"
    )


def _constant(value: str) -> str:
    """Any text as an SQL string constant made of hexadecimal digits only.

    SET takes no bound parameter, and what cannot contain a quote cannot end a constant.
    """
    digits = value.encode().hex(" ")
    return "E'\\x" + digits.replace(" ", "\\x") + "'" if digits else "''"
