"""Opens what a worker needs, hands it to the requests as typed state, closes it in reverse."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from api.state import AppState
from domain.ports import UnitOfWorkFactory
from domain.timeouts import Timeouts
from repository.directory import CachedDirectory
from repository.engine import create_engine
from repository.migrations import newest_revision
from repository.readiness import PostgresReadiness
from repository.running import PostgresRunningStatements
from repository.tenant_connections import TenantConnections
from repository.tenant_transaction import AnswerCaps, PostgresTenantTransactionFactory
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.gate_process import PROCESSES, GateProcess
from service.keys_under_way import KeysOfThisWorker
from service.requests_under_way import RequestsUnderWay
from service.settings import Settings
from service.sweeping import sweeping
from service.turns import DatabaseTurns
from service.use_cases.statements import StatementTools

# One for each of so many is for metadata, definitions and clones, the others are for statements.
_METADATA = 3
_LISTENING = 1  # for what other workers change


@asynccontextmanager
async def open_state(settings: Settings) -> AsyncIterator[AppState]:
    """Needs ``database_url``. Opens no connection by itself, so PostgreSQL may come later."""
    if settings.database_url is None:
        raise ValueError("no database_url: the embedded server is started before the workers")
    database_url = settings.database_url.get_secret_value()
    async with AsyncExitStack() as opened:
        engine = create_engine(
            database_url,
            pool_size=_metadata_connections(settings),
            connect_timeout=settings.connect_timeout,
            pool_timeout=settings.pool_timeout,
        )
        connections = _tenant_connections(settings, database_url)
        opened.push_async_callback(engine.dispose)
        opened.push_async_callback(connections.close)
        timeouts = Timeouts(settings.statement_timeout_ms, settings.lock_timeout_ms)
        unit_of_work = PostgresUnitOfWorkFactory(engine, timeouts)
        directory = _directory(settings, unit_of_work, database_url)
        directory.start()
        opened.push_async_callback(directory.stop)
        await opened.enter_async_context(sweeping(unit_of_work))
        gate = GateProcess(settings.gate_timeout)
        opened.push_async_callback(gate.close)
        turns = turns_of(settings)
        yield AppState(
            unit_of_work=unit_of_work,
            directory=directory,
            statement_tools=StatementTools(
                directory=directory,
                gate=gate,
                turns=turns[0],
                turns_to_be_judged=turns[1],
                transaction=PostgresTenantTransactionFactory(connections, _caps(settings)),
                unit_of_work=unit_of_work,
                timeouts=timeouts,
                ddl_lock_timeout=settings.ddl_lock_timeout_ms,
            ),
            running_statements=RequestsUnderWay(turns, PostgresRunningStatements(engine)),
            keys_under_way=KeysOfThisWorker(settings.lock_timeout_ms / 1000),
            readiness=PostgresReadiness(engine, newest_revision()),
        )


def turns_of(settings: Settings) -> tuple[DatabaseTurns, DatabaseTurns]:
    """For running, and for long SQL to be judged. One owner's databases have half of the former."""
    connections = settings.connections_per_worker - _metadata_connections(settings) - _LISTENING
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


def _tenant_connections(settings: Settings, database_url: str) -> TenantConnections:
    return TenantConnections(
        database_url,
        connect_timeout=settings.connect_timeout,
        niceness=settings.slow_statement_niceness,
    )


def _directory(
    settings: Settings, unit_of_work: UnitOfWorkFactory, database_url: str
) -> CachedDirectory:
    direct_url = settings.direct_url
    return CachedDirectory(
        unit_of_work,
        direct_url.get_secret_value() if direct_url else database_url,
        most=settings.cached_databases,
        connect_timeout=settings.connect_timeout,
    )


def _caps(settings: Settings) -> AnswerCaps:
    return AnswerCaps(settings.default_rows, settings.max_rows, settings.max_answer_bytes)


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
