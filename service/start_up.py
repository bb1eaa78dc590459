"""What comes before serving: a PostgreSQL, bootstrapped, safe to serve, migrated."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.platform import NewApiKey
from repository.bootstrap import bootstrap, revision_in, shortcomings
from repository.migrations import (
    current_revision,
    migrate_up,
    newest_revision,
    refuse_unknown,
)
from repository.own_session import is_heard
from repository.reaching import said_of, until_reachable
from repository.roles import SERVICE
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.connections import pool
from service.embedded_server import embedded_server
from service.settings import PREFIX, Auth, Settings, variable_of
from service.use_cases.first_key import first_key

_NICENESS = 10  # of slow statements in the embedded server: a tenth of a core where all are busy


class StartError(Exception):
    """One line for the operator: what kept the service from starting."""


@contextmanager
def reachable_database(settings: Settings) -> Iterator[Settings]:
    """The same settings with a ``database_url``: an embedded server's where none was set."""
    if settings.database_url is not None:
        yield settings
        return
    with embedded_server(settings.data_dir) as server:
        yield settings.model_copy(
            update={
                "database_url": SecretStr(server.dsn(user=SERVICE.name, database="twinbase")),
                "admin_url": SecretStr(server.dsn(user=server.superuser, database="postgres")),
                "slow_statement_niceness": max(_NICENESS, settings.slow_statement_niceness),
            }
        )


@asynccontextmanager
async def prepared_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """One connection to a database that is bootstrapped and safe to serve, migrated or not.

    Raises StartError, BootstrapError and the driver's errors.
    """
    if settings.database_url is None:
        raise StartError("no database to prepare")
    database_url = settings.database_url.get_secret_value()
    if settings.admin_url is not None:
        admin_url = settings.admin_url.get_secret_value()
        with said_of(f"{PREFIX}ADMIN_URL", admin_url):
            refuse_unknown(await revision_in(admin_url, database_url))
            await bootstrap(admin_url, database_url)
    with said_of(f"{PREFIX}DATABASE_URL", database_url):
        missing = await shortcomings(database_url)
    if missing:
        raise StartError(
            f"isolation would not hold: {'; '.join(missing)}. "
            "Start once with TWINBASE_ADMIN_URL naming a superuser"
        )
    await _refuse_deafness(settings, database_url)
    async with pool(settings, 1) as engine:
        yield engine


async def revision_as_it_is(settings: Settings) -> str | None:
    """Of a database of whatever version, of which nothing is made. Raises NotReached."""
    database_url = settings.database_url.get_secret_value() if settings.database_url else ""
    if settings.admin_url is not None:
        admin_url = settings.admin_url.get_secret_value()
        with said_of(f"{PREFIX}ADMIN_URL", admin_url):
            return await revision_in(admin_url, database_url)
    async with pool(settings, 1) as engine:
        with said_of(f"{PREFIX}DATABASE_URL", database_url):
            return await current_revision(engine)


async def _refuse_deafness(settings: Settings, told_by: str) -> None:
    """A pooler in transaction mode takes LISTEN without a word, and nothing ever arrives."""
    heard_by = settings.direct_url.get_secret_value() if settings.direct_url else told_by
    setting = f"{PREFIX}DIRECT_URL" if settings.direct_url else f"{PREFIX}DATABASE_URL"
    with said_of(setting, heard_by):
        heard = await is_heard(told_by, heard_by, longest_wait=settings.connect_timeout)
    if not heard:
        raise StartError(
            "what other workers change would go unnoticed: NOTIFY by TWINBASE_DATABASE_URL is not "
            f"heard by LISTEN at {'that URL' if heard_by == told_by else 'TWINBASE_DIRECT_URL'}. "
            "TWINBASE_DIRECT_URL must name the same database with no pooler between"
        )


async def refuse_other_versions(engine: AsyncEngine) -> None:
    """Raises StartError or MigrationError where it is not of this code's migrations."""
    revision = await current_revision(engine)
    refuse_unknown(revision)
    if revision != newest_revision():
        raise StartError(
            f"the database is at {revision or 'nothing'}, this needs {newest_revision()}:"
            " python -m service migrate up, or start the service once"
        )


async def await_postgresql(settings: Settings) -> None:
    """As long as ``start_patience``. Raises NotReached, one line that names the setting."""
    urls = {
        variable_of(name): url.get_secret_value()
        for name in ("admin_url", "database_url", "direct_url")
        if (url := getattr(settings, name)) is not None
    }
    await until_reachable(urls, patience=settings.start_patience, each=settings.connect_timeout)


async def prepare(settings: Settings) -> NewApiKey | None:
    """A key, where keys are asked for and nobody has one to administer the service with."""
    await await_postgresql(settings)
    async with prepared_engine(settings) as engine:
        await migrate_up(engine)
        if settings.auth is Auth.OFF:
            return None
        return await first_key(PostgresUnitOfWorkFactory(engine, settings.timeouts))
