"""The gate, off the event loop where the SQL is long: another process judges it.

A megabyte of SQL takes seconds of one core, most of them with the interpreter's lock held, so that
a thread would not do. A process may also be ended, when it takes too long or dies of what it reads.
"""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from domain.gate import DdlStatement, DmlStatement, admit_ddl, admit_dml
from exceptions.errors import SqlParseFailed

Verdict = TypeVar("Verdict")

# Judged at once in a few milliseconds; most of what agents send is shorter.
SHORT_SQL = 4_096

_TOO_MUCH = "The SQL is too large or too complicated to be judged in {} seconds; split it up."


class GateProcess:
    """Starts its process with the first long SQL. ``close`` belongs to the lifespan."""

    def __init__(self, longest: float) -> None:
        self._longest = longest  # seconds for one request's SQL, with its wait for the others
        self._pool: ProcessPoolExecutor | None = None

    async def admit_dml(
        self, sql: str, schema_name: str, parameter_names: frozenset[str] | None
    ) -> tuple[DmlStatement, ...]:
        if len(sql) <= SHORT_SQL:
            return admit_dml(sql, schema_name, parameter_names)
        return await self._elsewhere(admit_dml, sql, schema_name, parameter_names)

    async def admit_ddl(self, sql: str) -> tuple[DdlStatement, ...]:
        if len(sql) <= SHORT_SQL:
            return admit_ddl(sql)
        return await self._elsewhere(admit_ddl, sql)

    async def _elsewhere(self, admit: Callable[..., Verdict], *arguments: object) -> Verdict:
        if self._pool is None:
            # Forking would copy our threads' locks and sockets.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(max_workers=1, mp_context=context)
        pool = self._pool
        verdict = asyncio.wrap_future(pool.submit(admit, *arguments))
        try:
            async with asyncio.timeout(self._longest):
                return await verdict
        except (TimeoutError, BrokenProcessPool) as error:
            if self._pool is pool:
                self.close()
            raise SqlParseFailed(_TOO_MUCH.format(f"{self._longest:g}")) from error

    def close(self) -> None:
        """Ends the process even while it judges; the next long SQL gets a new one."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):  # noqa: SLF001 - no public way to end them before Python 3.14
            process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)
