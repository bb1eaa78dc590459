"""Opens what a worker needs, hands it to the requests as typed state, closes it in reverse."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from api.state import AppState
from domain.ports import KeyRing, UnitOfWorkFactory
from domain.quota_ports import QuotaLimits
from domain.storage import LOOKED_AT_EVERY
from repository.cloning import PostgresCloning
from repository.directory import CachedDirectory
from repository.engine import create_engine
from repository.key_ring import CachedKeyRing, NoKeys
from repository.limits import CachedLimits
from repository.migrations import newest_revision
from repository.operation_news import OperationNews
from repository.operation_queue import OperationQueue
from repository.own_session import OwnSession
from repository.readiness import PostgresReadiness
from repository.running import PostgresRunningStatements
from repository.statement_quota import PostgresStatementQuota
from repository.tenant_connections import TenantConnections
from repository.tenant_transaction import AnswerCaps, PostgresTenantTransactionFactory
from repository.unit_of_work import PostgresUnitOfWorkFactory
from repository.vacuum import PostgresVacuum
from service.background import Background
from service.gate_process import PROCESSES, GateProcess
from service.keys_under_way import KeysOfThisWorker
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

# One for each of so many is for metadata, definitions and small clones, or for operations; the
# others are for statements.
_METADATA = 4
_OPERATIONS = 6
_OF_AN_OPERATION = 2  # one that keeps what the others read, and one that copies
_KEYS_MARKED_EVERY = 10.0  # seconds
_LISTENING = 2  # for what other workers change, and for operations to run


@asynccontextmanager
async def open_state(settings: Settings) -> AsyncIterator[AppState]:
    """Needs ``database_url``. Opens no connection by itself, so PostgreSQL may come later."""
    async with AsyncExitStack() as opened:
        engine = await opened.enter_async_context(_pool(settings, _metadata_connections(settings)))
        unit_of_work = PostgresUnitOfWorkFactory(engine, settings.timeouts)
        tally = await opened.enter_async_context(tallying(unit_of_work))
        session = OwnSession(_direct_url(settings), connect_timeout=settings.connect_timeout)
        directory = CachedDirectory(unit_of_work, session, most=settings.cached_databases)
        key_ring = await opened.enter_async_context(_key_ring(settings, unit_of_work, session))
        of_operations = await opened.enter_async_context(
            _pool(settings, _connections_of_operations(settings))
        )
        quotas = await opened.enter_async_context(
            _quotas(settings, unit_of_work, session, of_operations)
        )
        session.start()
        opened.push_async_callback(session.stop)
        await opened.enter_async_context(_sweeping(settings, unit_of_work))
        operations = await opened.enter_async_context(
            _operations(settings, unit_of_work, of_operations, directory, quotas.limits)
        )
        turns = turns_of(settings)
        statements = await opened.enter_async_context(
            _statements(settings, unit_of_work, directory, turns, quotas)
        )
        yield AppState(
            unit_of_work=unit_of_work,
            directory=directory,
            statement_tools=statements,
            running_statements=RequestsUnderWay(turns, PostgresRunningStatements(engine)),
            operation_tools=operations,
            keys_under_way=KeysOfThisWorker(settings.lock_timeout_ms / 1000),
            key_ring=key_ring,
            limits=quotas.limits,
            tally=tally,
            keeping=settings.keeping,
            refusals=await opened.enter_async_context(refusals(unit_of_work)),
            readiness=PostgresReadiness(engine, newest_revision()),
        )


@asynccontextmanager
async def _statements(
    settings: Settings,
    unit_of_work: UnitOfWorkFactory,
    directory: CachedDirectory,
    turns: tuple[DatabaseTurns, DatabaseTurns],
    quotas: QuotaTools,
) -> AsyncIterator[StatementTools]:
    connections = _tenant_connections(settings)
    gate = GateProcess(settings.gate_timeout)
    running, judged = turns
    try:
        yield StatementTools(
            directory=directory,
            gate=gate,
            turns=running,
            turns_to_be_judged=judged,
            transaction=PostgresTenantTransactionFactory(connections, _caps(settings)),
            unit_of_work=unit_of_work,
            quotas=quotas,
            timeouts=settings.timeouts,
            ddl_lock_timeout=settings.ddl_lock_timeout_ms,
        )
    finally:
        await gate.close()
        await connections.close()


@asynccontextmanager
async def _key_ring(
    settings: Settings, unit_of_work: UnitOfWorkFactory, session: OwnSession
) -> AsyncIterator[KeyRing]:
    if settings.auth is Auth.OFF:
        yield NoKeys()
        return
    key_ring = CachedKeyRing(unit_of_work, session)
    try:
        async with repeating(key_ring.mark_used, _KEYS_MARKED_EVERY, "key ring"):
            yield key_ring
    finally:
        await key_ring.mark_used()


@asynccontextmanager
async def _quotas(
    settings: Settings, unit_of_work: UnitOfWorkFactory, session: OwnSession, engine: AsyncEngine
) -> AsyncIterator[QuotaTools]:
    storage = MeasuredStorage(unit_of_work, PostgresVacuum(engine))
    limits = CachedLimits(unit_of_work, session, settings.quotas, most=settings.cached_databases)
    try:
        async with repeating(storage.measure_written, LOOKED_AT_EVERY, "storage"):
            yield QuotaTools(limits, PostgresStatementQuota(unit_of_work, session), storage)
    finally:
        await storage.stop()


@asynccontextmanager
async def _operations(
    settings: Settings,
    unit_of_work: UnitOfWorkFactory,
    engine: AsyncEngine,
    directory: CachedDirectory,
    limits: QuotaLimits,
) -> AsyncIterator[OperationTools]:
    """Begun, followed, and run by this worker as long as the context lasts."""
    connections = _connections_of_operations(settings)
    at_once_here = connections // _OF_AN_OPERATION
    news = OperationNews()
    turns = asyncio.Semaphore(at_once_here)
    background = Background(turns)
    tools = OperationTools(
        unit_of_work=unit_of_work,
        directory=directory,
        cloning=PostgresCloning(engine, settings.timeouts, streams=connections - at_once_here),
        news=news,
        background=background,
        limits=limits,
        patience=settings.operation_patience,
        at_once_of_uid=settings.operations_per_uid,
        heartbeat=settings.operation_heartbeat,
    )
    queue = OperationQueue(
        _direct_url(settings),
        news,
        connect_timeout=settings.connect_timeout,
        at_once=settings.operations_at_once,
        turns=turns,
        heartbeat=settings.operation_heartbeat,
    )
    queue.start(OperationRunner(tools))
    try:
        yield tools
    finally:
        await background.stop()
        await queue.stop()


def turns_of(settings: Settings) -> tuple[DatabaseTurns, DatabaseTurns]:
    """For running, and for long SQL to be judged. One owner's databases have half of the former."""
    connections = (
        settings.connections_per_worker
        - _metadata_connections(settings)
        - _connections_of_operations(settings)
        - _LISTENING
    )
    running = DatabaseTurns(
        at_once=settings.statements_per_database,
        at_once_of_owner=(connections + 1) // 2,
        at_once_in_all=connections,
        longest_wait=settings.turn_timeout,
    )
    judged = DatabaseTurns(
        at_once=1,
        at_once_of_owner=1,
        at_once_in_all=PROCESSES,
        longest_wait=settings.turn_timeout,
        doing="being judged",
    )
    return running, judged


@asynccontextmanager
async def _pool(settings: Settings, connections: int) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(
        _url(settings.database_url),
        pool_size=connections,
        connect_timeout=settings.connect_timeout,
        pool_timeout=settings.pool_timeout,
    )
    try:
        yield engine
    finally:
        await engine.dispose()


def _sweeping(
    settings: Settings, unit_of_work: UnitOfWorkFactory
) -> AbstractAsyncContextManager[None]:
    return sweeping(
        unit_of_work,
        settings.operation_heartbeat,
        settings.keeping,
        audit_days=settings.audit_days,
    )


def _tenant_connections(settings: Settings) -> TenantConnections:
    return TenantConnections(
        _url(settings.database_url),
        connect_timeout=settings.connect_timeout,
        niceness=settings.slow_statement_niceness,
    )


def _caps(settings: Settings) -> AnswerCaps:
    return AnswerCaps(settings.default_rows, settings.max_rows, settings.max_answer_bytes)


def _direct_url(settings: Settings) -> str:
    return _url(settings.direct_url or settings.database_url)


def _url(url: SecretStr | None) -> str:
    if url is None:
        raise ValueError("no database_url: the embedded server is started before the workers")
    return url.get_secret_value()


def _connections_of_operations(settings: Settings) -> int:
    return max(_OF_AN_OPERATION, settings.connections_per_worker // _OPERATIONS)


def _metadata_connections(settings: Settings) -> int:
    return max(1, settings.connections_per_worker // _METADATA)


def lifespan_of(
    settings: Settings,
) -> Callable[[FastAPI], AbstractAsyncContextManager[AppState]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[AppState]:
        async with open_state(settings) as state:
            yield state

    return lifespan
