"""The gate, off the event loop where the SQL is long: other processes judge it.

A megabyte of SQL takes seconds of one core, most of them with the interpreter's lock held, so that
a thread would not do. A process may also be ended, when it takes too long or dies of what it reads.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from time import perf_counter
from typing import TypeVar

from domain.figures import GateFigures
from domain.gate import (
    DdlStatement,
    DmlStatement,
    Normalised,
    Normaliser,
    admit_ddl,
    admit_dml,
)
from exceptions.errors import SqlParseFailed, TwinbaseError
from service.use_cases.judging import SHORT_SQL

Verdict = TypeVar("Verdict")

PROCESSES = 2

ADMITTED = "admitted"
_ADMITTED_HERE = ("dml", "here", ADMITTED)

_TOO_MUCH = "The SQL is too large or too complicated to be judged in {} seconds; split it up."


class GateProcess:
    """Starts a process where long SQL finds none idle. ``close`` belongs to the lifespan."""

    def __init__(self, longest: float) -> None:
        self._normaliser = Normaliser()
        self.figures = GateFigures()
        self._longest = longest  # seconds for one request's SQL, once a process has it
        self._judges = [_Judge() for _ in range(PROCESSES)]
        # The last one that was used is the next, so that light work needs one process only.
        self._idle: asyncio.LifoQueue[_Judge] = asyncio.LifoQueue()
        for judge in self._judges:
            self._idle.put_nowait(judge)

    async def admit_dml(
        self,
        sql: str,
        schema_name: str,
        parameter_names: frozenset[str] | None,
        *,
        of_literals: bool = False,
    ) -> tuple[DmlStatement, ...]:
        if len(sql) > SHORT_SQL and not of_literals:
            return await self._elsewhere("dml", admit_dml, sql, schema_name, parameter_names)
        try:
            found = admit_dml(sql, schema_name, parameter_names, of_literals=of_literals)
        except TwinbaseError as error:
            self.figures.verdicts["dml", "here", f"{error.code:d}"] += 1
            raise
        self.figures.verdicts[_ADMITTED_HERE] += 1
        return found

    def normalised(self, sql: str) -> Normalised | None:
        return self._normaliser.normalised(sql)

    def leave_as_sent(self, sql: str) -> None:
        self._normaliser.leave_as_sent(sql)

    async def admit_ddl(self, sql: str) -> tuple[DdlStatement, ...]:
        if len(sql) > SHORT_SQL:
            return await self._elsewhere("ddl", admit_ddl, sql)
        try:
            found = admit_ddl(sql)
        except TwinbaseError as error:
            self.figures.verdicts["ddl", "here", f"{error.code:d}"] += 1
            raise
        self.figures.verdicts["ddl", "here", ADMITTED] += 1
        return found

    async def _elsewhere(
        self, language: str, admit: Callable[..., Verdict], *arguments: object
    ) -> Verdict:
        judge = await self._idle.get()
        began = perf_counter()
        try:
            await judge.start()
            found = await self._in_time(judge, admit, *arguments)
        except TwinbaseError as error:
            self.figures.verdicts[language, "elsewhere", f"{error.code:d}"] += 1
            raise
        finally:
            self.figures.elsewhere.count(perf_counter() - began)
            self._idle.put_nowait(judge)
        self.figures.verdicts[language, "elsewhere", ADMITTED] += 1
        return found

    async def _in_time(
        self, judge: "_Judge", admit: Callable[..., Verdict], *arguments: object
    ) -> Verdict:
        try:
            async with asyncio.timeout(self._longest):
                return await judge.ask(admit, *arguments)
        except (TimeoutError, BrokenProcessPool) as error:
            self.figures.given_up += 1
            too_much = SqlParseFailed(_TOO_MUCH.format(f"{self._longest:g}"))
            too_much.is_passing = True  # on a machine that is less busy
            raise too_much from error

    async def close(self) -> None:
        """Ends the processes, also while they judge; other long SQL would get new ones."""
        await asyncio.gather(*(judge.close() for judge in self._judges))


def _live_and_die_with_the_service() -> None:
    """Not by Ctrl-C, which reaches it as well; but also when the service is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_service, daemon=True).start()


def _end_with_the_service() -> None:
    service = multiprocessing.parent_process()
    if service is not None:
        service.join()
        os._exit(1)


def _lives(process: BaseProcess) -> bool:
    """Not ``is_alive``, which says yes of a dead one while the pool's own thread waits for it."""
    return not wait([process.sentinel], timeout=0)


class _Judge:
    """One process with one thing to do at a time, ended with what it does not get done."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def start(self) -> None:
        """Unless it runs. What it takes to begin is on nobody's clock."""
        if any(_lives(process) for process in self._processes()):
            return
        self.end()
        self._pool = ProcessPoolExecutor(
            max_workers=1,
            # Forking would copy our threads' locks and sockets.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_live_and_die_with_the_service,
        )
        await self.ask(admit_dml, "SELECT 1", "of_nobody", None)

    async def ask(self, admit: Callable[..., Verdict], *arguments: object) -> Verdict:
        """Of one that was started. Raises BrokenProcessPool where the process has died."""
        if self._pool is None:
            raise RuntimeError("a judge is started before it is asked")
        answer: Future[Verdict] | None = None
        try:
            answer = self._pool.submit(admit, *arguments)
            return await asyncio.wrap_future(answer)
        except BrokenProcessPool:
            self.end()
            raise
        finally:
            if answer is not None and not answer.done():
                self.end()

    def end(self) -> None:
        """Waits for nothing."""
        pool = self._terminated()
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    async def close(self) -> None:
        """Waits until it has ended, and holds nobody up meanwhile."""
        pool = self._terminated()
        if pool is not None:
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    def _terminated(self) -> ProcessPoolExecutor | None:
        for process in self._processes():
            process.terminate()
        pool, self._pool = self._pool, None
        return pool

    def _processes(self) -> list[BaseProcess]:
        if self._pool is None:
            return []
        return list((self._pool._processes or {}).values())  # noqa: SLF001 - no public way to end them before Python 3.14
