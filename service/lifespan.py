"""Opens what a worker needs, hands it to the requests as typed state, closes it in reverse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from api.state import AppState
from domain.ports import KeyRing, UnitOfWorkFactory
from domain.quota_ports import QuotaLimits
from domain.stopping import Stopping
from domain.storage import LOOKED_AT_EVERY
from repository.cloning import PostgresCloning
from repository.directory import CachedDirectory
from repository.key_ring import CachedKeyRing, NoKeys
from repository.limits import CachedLimits
from repository.operation_news import OperationNews
from repository.operation_queue import OperationQueue
from repository.own_session import OwnSession
from repository.running import PostgresRunningStatements
from repository.statement_quota import PostgresStatementQuota
from repository.tenant_transaction import AnswerCaps, PostgresTenantTransactionFactory
from repository.unit_of_work import PostgresUnitOfWorkFactory
from repository.vacuum import PostgresVacuum
from service.background import Background
from service.connections import (
    OF_AN_OPERATION,
    connections_of_operations,
    direct_url,
    metadata_connections,
    pool,
    tenant_connections,
    turns_of,
)
from service.gate_process import GateProcess
from service.health import health_of, readiness_of
from service.keys_under_way import KeysOfThisWorker
from service.measuring import Measured, scraping
from service.observing import Observing, observing
from service.operations import OperationRunner
from service.refusals import refusals
from service.repeating import repeating
from service.requests_under_way import RequestsUnderWay
from service.settings import Auth, Settings
from service.storage import MeasuredStorage
from service.sweeping import sweeping
from service.tally import tallying
from service.turns import DatabaseTurns
from service.use_cases.operation_tools import OperationTools
from service.use_cases.statements import StatementTools
from service.use_cases.within_quota import QuotaTools

_KEYS_MARKED_EVERY = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class _Parts:
    """What nearly everything else in a worker stands on.

    ``engine``: for metadata; ``of_operations``: for what operations do.
    """

    settings: Settings
    measured: Measured
    watching: Observing
    engine: AsyncEngine
    of_operations: AsyncEngine
    unit_of_work: UnitOfWorkFactory
    session: OwnSession
    directory: CachedDirectory


@asynccontextmanager
async def open_state(
    settings: Settings, *, runs_operations: bool = True
) -> AsyncIterator[AppState]:
    """Needs ``database_url``. Opens no connection by itself, so PostgreSQL may come later.

    ``runs_operations``: those that wait for a worker, and whatever else a service does by itself.
    """
    async with AsyncExitStack() as opened:
        enter = opened.enter_async_context
        parts = await enter(_parts(settings))
        unit_of_work, measured = parts.unit_of_work, parts.measured
        scrape = await enter(scraping(measured, settings, direct_url(settings)))
        tally = await enter(tallying(unit_of_work))
        key_ring = await enter(_key_ring(parts))
        quotas = await enter(_quotas(parts))
        measured.requests(tally)
        measured.caches(parts.directory, key_ring, quotas.limits)
        parts.session.start()
        opened.push_async_callback(parts.session.stop)
        if runs_operations:
            await enter(_sweeping(parts))
        operations = await enter(_operations(parts, quotas.limits, runs_queue=runs_operations))
        turns = turns_of(settings)
        yield AppState(
            unit_of_work=unit_of_work,
            directory=parts.directory,
            statement_tools=await enter(_statements(parts, turns, quotas)),
            running_statements=RequestsUnderWay(turns, PostgresRunningStatements(parts.engine)),
            operation_tools=operations,
            keys_under_way=KeysOfThisWorker(settings.lock_timeout_ms / 1000),
            key_ring=key_ring,
            limits=quotas.limits,
            tally=tally,
            keeping=settings.keeping,
            refusals=await enter(refusals(unit_of_work)),
            readiness=await enter(readiness_of(settings, parts.engine)),
            health=health_of(settings, measured, direct_url(settings)),
            tracing=parts.watching.tracing,
            metrics=measured.metrics,
            scrape=scrape,
            stopping=Stopping(),
        )


@asynccontextmanager
async def _parts(settings: Settings) -> AsyncIterator[_Parts]:
    measured = Measured()
    async with (
        observing(settings, measured.metrics) as watching,
        pool(settings, metadata_connections(settings)) as engine,
        pool(settings, connections_of_operations(settings)) as of_operations,
    ):
        unit_of_work = PostgresUnitOfWorkFactory(engine, settings.timeouts, watching.observers)
        session = OwnSession(direct_url(settings), connect_timeout=settings.connect_timeout)
        directory = CachedDirectory(unit_of_work, session, most=settings.cached_databases)
        measured.engine("metadata", engine)
        measured.engine("operations", of_operations)
        measured.session(session)
        yield _Parts(
            settings,
            measured,
            watching,
            engine,
            of_operations,
            unit_of_work,
            session,
            directory,
        )


@asynccontextmanager
async def _statements(
    parts: _Parts, turns: tuple[DatabaseTurns, DatabaseTurns], quotas: QuotaTools
) -> AsyncIterator[StatementTools]:
    settings = parts.settings
    running, judged = turns
    connections = tenant_connections(settings, running.figures.most)
    gate = GateProcess(settings.gate_timeout)
    parts.measured.statements(connections, gate, running, judged)
    caps = AnswerCaps(settings.default_rows, settings.max_rows, settings.max_answer_bytes)
    try:
        yield StatementTools(
            directory=parts.directory,
            gate=gate,
            turns=running,
            turns_to_be_judged=judged,
            transaction=PostgresTenantTransactionFactory(
                connections, caps, parts.watching.observers
            ),
            unit_of_work=parts.unit_of_work,
            quotas=quotas,
            timeouts=settings.timeouts,
            ddl_lock_timeout=settings.ddl_lock_timeout_ms,
        )
    finally:
        await gate.close()
        await connections.close()


@asynccontextmanager
async def _key_ring(parts: _Parts) -> AsyncIterator[KeyRing]:
    if parts.settings.auth is Auth.OFF:
        yield NoKeys()
        return
    key_ring = CachedKeyRing(parts.unit_of_work, parts.session)
    try:
        async with repeating(key_ring.mark_used, _KEYS_MARKED_EVERY, "key ring"):
            yield key_ring
    finally:
        await key_ring.mark_used()


@asynccontextmanager
async def _quotas(parts: _Parts) -> AsyncIterator[QuotaTools]:
    settings, unit_of_work, session = parts.settings, parts.unit_of_work, parts.session
    storage = MeasuredStorage(unit_of_work, PostgresVacuum(parts.of_operations))
    limits = CachedLimits(unit_of_work, session, settings.quotas, most=settings.cached_databases)
    try:
        async with repeating(storage.measure_written, LOOKED_AT_EVERY, "storage"):
            yield QuotaTools(limits, PostgresStatementQuota(unit_of_work, session), storage)
    finally:
        await storage.stop()


@asynccontextmanager
async def _operations(
    parts: _Parts, limits: QuotaLimits, *, runs_queue: bool
) -> AsyncIterator[OperationTools]:
    """Begun, followed, and run by this worker as long as the context lasts."""
    settings = parts.settings
    connections = connections_of_operations(settings)
    at_once_here = connections // OF_AN_OPERATION
    news = OperationNews()
    turns = asyncio.Semaphore(at_once_here)
    background = Background(turns)
    tools = OperationTools(
        unit_of_work=parts.unit_of_work,
        directory=parts.directory,
        cloning=PostgresCloning(
            parts.of_operations,
            settings.timeouts,
            streams=connections - at_once_here,
            observers=parts.watching.observers,
        ),
        news=news,
        background=background,
        limits=limits,
        patience=settings.operation_patience,
        at_once_of_uid=settings.operations_per_uid,
        heartbeat=settings.operation_heartbeat,
        attempt=parts.watching.attempt,
    )
    queue = _queue(settings, news, turns)
    parts.measured.queue(queue)
    if runs_queue:
        queue.start(OperationRunner(tools))
    try:
        yield tools
    finally:
        await background.stop()
        await queue.stop()


def _queue(settings: Settings, news: OperationNews, turns: asyncio.Semaphore) -> OperationQueue:
    return OperationQueue(
        direct_url(settings),
        news,
        connect_timeout=settings.connect_timeout,
        at_once=settings.operations_at_once,
        turns=turns,
        heartbeat=settings.operation_heartbeat,
    )


def _sweeping(parts: _Parts) -> AbstractAsyncContextManager[None]:
    return sweeping(
        parts.unit_of_work,
        parts.settings.operation_heartbeat,
        parts.settings.keeping,
        audit_days=parts.settings.audit_days,
        figures=parts.measured.sweeps,
    )
