"""How a worker's connections are shared out, and who waits for which."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from repository.engine import create_engine
from repository.tenant_connections import TenantConnections
from service.gate_process import PROCESSES
from service.settings import Settings
from service.turns import DatabaseTurns

OF_AN_OPERATION = 2
"""One connection that keeps what the others read, and one that copies."""

# One for each of so many is for metadata, definitions and small clones, or for operations; the
# others are for statements.
_METADATA = 4
_OPERATIONS = 6
_LISTENING = 2  # for what other workers change, and for operations to run


def turns_of(settings: Settings) -> tuple[DatabaseTurns, DatabaseTurns]:
    """For running, and for long SQL to be judged. One owner's databases have half of the former."""
    connections = (
        settings.connections_per_worker
        - metadata_connections(settings)
        - connections_of_operations(settings)
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
async def pool(settings: Settings, connections: int) -> AsyncIterator[AsyncEngine]:
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


def tenant_connections(settings: Settings, most: int) -> TenantConnections:
    return TenantConnections(
        _url(settings.database_url),
        connect_timeout=settings.connect_timeout,
        niceness=settings.slow_statement_niceness,
        most=most,
    )


def direct_url(settings: Settings) -> str:
    return _url(settings.direct_url or settings.database_url)


def _url(url: SecretStr | None) -> str:
    if url is None:
        raise ValueError("no database_url: the embedded server is started before the workers")
    return url.get_secret_value()


def connections_of_operations(settings: Settings) -> int:
    return max(OF_AN_OPERATION, settings.connections_per_worker // _OPERATIONS)


def metadata_connections(settings: Settings) -> int:
    return max(1, settings.connections_per_worker // _METADATA)
