"""Who runs an operation, and when: PgQueuer's queue, in a schema of its own.

A job is put in by the transaction that begins the operation. Each worker takes jobs, a number of
them at a time in all workers together; while one runs its worker gives signs of life, and where
these end another worker takes it. Several times at most is once here: who runs an attempt that has
been overtaken may change nothing any more (``Operations.still_mine``).
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

import asyncpg
import structlog
from asyncpg import Connection
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import PgqException, RetryRequested
from pgqueuer.domain.models import Context, Job, TracebackRecord
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import JOB_STATUS, Channel, JobId

from repository.driver_errors import UNREACHABLE
from repository.operation_news import OPERATIONS_CHANNEL, OperationNews
from repository.queries import queries

_LOG = structlog.get_logger()
_SQL = queries("operations")
_SETTINGS = DBSettings(db_schema="twinbase_queue")
_OPERATION = "operation"
_LONGEST_SLEEP = timedelta(seconds=5)  # between looks for jobs whose worker has died
_HANDS_FULL = timedelta(seconds=0.5)
_FIRST_RETRY = 0.2  # seconds
_LAST_RETRY = 5.0
_LONGEST_HAND_OVER = 5.0  # seconds


class Runner(Protocol):
    async def run(self, operation_id: int) -> timedelta | None:
        """A time: it is to be tried again after it."""

    async def undo(self, operation_id: int) -> None:
        """What is left of one that was cancelled is taken away."""

    async def put_back(self, operation_id: int) -> None:
        """Somebody else is to run it."""


async def make_queue_where_missing(driver: Connection) -> bool:
    """Whether it was missing, with all its jobs: operations that have not ended are put into it."""
    if await driver.fetchval(_SQL["queue"]) is not None:
        return False
    await driver.execute(QueryBuilderEnvironment(_SETTINGS).build_install_query())
    return True


async def enqueue(driver: Connection, operation_id: int) -> None:
    """In the transaction of ``driver``; nothing where it is in the queue already."""
    key = str(operation_id)
    await _queries(driver).enqueue(_OPERATION, key.encode(), dedupe_key=key, on_conflict="skip")


async def cancel_job(driver: Connection, operation_id: int) -> bool:
    """Whoever runs it hears of it once the transaction of ``driver`` is committed.

    False: it is not in the queue.
    """
    rows = await driver.fetch(_SQL["job_of"], str(operation_id))
    if rows:
        ids = [JobId(row["id"]) for row in rows]
        await _queries(driver).mark_job_as_cancelled(ids)
    return bool(rows)


class _Jobs(Queries):
    """As PgQueuer's own; but a job that another worker has taken over is that worker's.

    Who comes back late would take it out of the queue while it is being worked at.
    """

    async def log_jobs(
        self, job_status: list[tuple[Job, JOB_STATUS, TracebackRecord | None]]
    ) -> None:
        held = await self._held([job for job, _, _ in job_status])
        await super().log_jobs([told for told in job_status if told[0].id in held])

    async def retry_job(
        self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None
    ) -> None:
        if await self._held([job]):
            await super().retry_job(job, delay, traceback_record)

    async def _held(self, jobs: Sequence[Job]) -> set[object]:
        ids, managers = [job.id for job in jobs], [job.queue_manager_id for job in jobs]
        return {row["id"] for row in await self.driver.fetch(_SQL["held_jobs"], ids, managers)}


class OperationQueue:
    """``start`` and ``stop`` belong to the lifespan.

    ``listen_url`` leads to PostgreSQL itself, since the queue listens. ``at_once``: in all workers
    together; ``turns``: of this one. ``heartbeat``: seconds without a sign of life after
    which a job is another worker's.
    """

    def __init__(
        self,
        listen_url: str,
        news: OperationNews,
        *,
        connect_timeout: float,
        at_once: int,
        turns: asyncio.Semaphore,
        heartbeat: float,
    ) -> None:
        self._listen_url = listen_url
        self._news = news
        self._connect_timeout = connect_timeout
        self._at_once = at_once
        self._turns = turns
        self._heartbeat = timedelta(seconds=heartbeat)
        self._manager: QueueManager | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False

    def start(self, runner: Runner) -> None:
        self._task = asyncio.create_task(self._keep_working(runner), name="operations")

    @property
    def is_taking(self) -> bool:
        """Whether it listens, and looks for jobs."""
        return self._manager is not None

    async def stop(self) -> None:
        """What runs here is put back, for another worker or the next start."""
        self._is_stopping = True
        if self._task is None:
            return
        if self._manager is not None:
            self._manager.shutdown.set()
            for context in self._manager.job_context.values():
                context.cancellation.cancel()
            await asyncio.wait({self._task}, timeout=_LONGEST_HAND_OVER)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _keep_working(self, runner: Runner) -> None:
        retry = _FIRST_RETRY
        while not self._is_stopping:
            try:
                connection = await asyncpg.connect(
                    self._listen_url,
                    timeout=self._connect_timeout,
                    server_settings={"application_name": "twinbase operations"},
                )
                retry = _FIRST_RETRY
                await self._work(connection, runner)
            except (*UNREACHABLE, asyncpg.PostgresError, PgqException, RuntimeError) as error:
                _LOG.warning("operations_not_taken", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - nothing would ever run in this worker again
                _LOG.exception("operations_not_taken")
            else:
                continue
            await asyncio.sleep(retry)
            retry = min(retry * 2, _LAST_RETRY)

    async def _work(self, connection: Connection, runner: Runner) -> None:
        """Until it is stopped or the connection is lost; what runs then is run to its end."""
        manager = QueueManager(_queries(connection), channel=Channel(_SETTINGS.channel))
        worker = _Worker(runner, self._turns, lambda: self._is_stopping)
        manager.entrypoint(_OPERATION, concurrency_limit=self._at_once, accepts_context=True)(
            worker.work
        )
        try:
            await connection.add_listener(OPERATIONS_CHANNEL, self._on_message)
            self._manager = manager
            await manager.run(
                dequeue_timeout=min(_LONGEST_SLEEP, self._heartbeat),
                batch_size=1,
                max_concurrent_tasks=max(2, self._at_once),  # PgQueuer knows no fewer
                shutdown_on_listener_failure=True,
                heartbeat_timeout=self._heartbeat,
            )
        finally:
            self._manager = None
            connection.terminate()

    def _on_message(
        self, _connection: object, _process: int, _channel: str, payload: object
    ) -> None:
        told = str(payload)
        if told.isdecimal():
            self._news.tell(int(told))


class _Worker:
    def __init__(
        self, runner: Runner, turns: asyncio.Semaphore, is_stopping: Callable[[], bool]
    ) -> None:
        self._runner = runner
        self._turns = turns
        self._is_stopping = is_stopping

    async def work(self, job: Job, context: Context) -> None:
        if self._turns.locked():
            raise RetryRequested(_HANDS_FULL, "as many run here as have connections")
        async with self._turns:
            await self._run(int(job.payload or b"0"), context)

    async def _run(self, operation_id: int, context: Context) -> None:
        running = asyncio.ensure_future(self._runner.run(operation_id))
        # The scope cancels again and again whatever waits in it, rollbacks included; so the
        # operation itself runs outside, and is cancelled once.
        with context.cancellation:
            await asyncio.wait({running})
        if not running.done():
            running.cancel()
            await asyncio.wait({running})
            if self._is_stopping():
                await self._runner.put_back(operation_id)
                raise RetryRequested(reason="the worker stops")
            await self._runner.undo(operation_id)
            return
        again = running.result()
        if again is not None:
            raise RetryRequested(again, "it is not its turn, or something was in its way")


def _queries(connection: Connection) -> Queries:
    return _Jobs(
        AsyncpgDriver(connection),
        QueryBuilderEnvironment(_SETTINGS),
        QueryQueueBuilder(_SETTINGS),
        QuerySchedulerBuilder(_SETTINGS),
    )
