"""Alembic over the service's own connection; one instance migrates, the others wait for it."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from io import StringIO
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

from domain.schema import METADATA_SCHEMA
from repository.engine import driver_of
from repository.operation_queue import make_queue_where_missing
from repository.queries import queries
from repository.roles import SERVICE
from repository.taken_away import taken_away

_LOG = structlog.get_logger()
_SQL = queries("migrations")
_LOCK = 7_990_002
_FOLDER = Path(__file__).parent.parent / "migrations"
_VERSION_TABLE = f"{METADATA_SCHEMA}.alembic_version"
_LOCK_NOT_AVAILABLE = "55P03"
_PASSING = frozenset({_LOCK_NOT_AVAILABLE, "40P01"})  # deadlock_detected: others go on
_DEPENDENT_OBJECTS = "2BP01"
_ATTEMPTS, _PAUSE = 5, 1.0  # while others hold what a migration must lock; seconds


class MigrationError(Exception):
    """One line for the operator. Nothing was changed: all of it is one transaction."""


class _StepFailed(MigrationError):
    def __init__(self, message: str, sqlstate: str | None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


def _config(connection: Connection | None = None) -> Config:
    config = Config(stdout=StringIO())  # what Alembic says of its own accord is no command's answer
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


@cache
def known_revisions() -> Sequence[str]:
    """The newest last. Reading them takes some tens of milliseconds."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    revisions = [script.revision for script in scripts]
    if not revisions:
        raise RuntimeError(f"no migrations in {_FOLDER}")
    return revisions[::-1]


def newest_revision() -> str:
    return known_revisions()[-1]


def refuse_unknown(revision: str | None) -> None:
    """Raises MigrationError where a newer release has migrated the database."""
    known = known_revisions()
    if revision is not None and revision not in known:
        raise MigrationError(
            f"schema {METADATA_SCHEMA} is at revision {revision}, and this code knows none after"
            f" {known[-1]}: a newer Twinbase has migrated the database. Start that one; or, with"
            f" that one, go back before: python -m service migrate down {known[-1]}"
        )


async def migrate_up(engine: AsyncEngine, revision: str | None = None) -> None:
    """To the newest revision, or the one given. Raises MigrationError."""
    await _patiently(engine, partial(_up, last=revision or newest_revision()))


async def _patiently(engine: AsyncEngine, migrate: Callable[[Connection], None]) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return await _run(engine, migrate)
        except _StepFailed as error:
            if error.sqlstate not in _PASSING or attempt == _ATTEMPTS:
                raise
            _LOG.warning("migration_waits_for_locks", attempt=attempt)
        await asyncio.sleep(_PAUSE)  # those who wait behind it come first
    return None


async def migrate_down(engine: AsyncEngine, revision: str, *, force: bool = False) -> None:
    """``revision`` as Alembic reads it: ``-1``, ``base`` or a name.

    ``force``: also where something would be lost. Raises MigrationError.
    """

    def down(connection: Connection) -> None:
        def step() -> None:
            with _in_one_line(f"going back to {revision} failed"):
                command.downgrade(_config(connection), revision)

        lost = [] if force else taken_away(connection, step)
        if lost:
            raise MigrationError(
                f"going back to {revision} would lose what is in {', '.join(lost)}; nothing was"
                " changed. If that is meant: --force"
            )
        step()

    await _patiently(engine, down)


async def migrate_check(engine: AsyncEngine) -> None:
    """Raises MigrationError where the models say other than the migrated database."""
    await _run(engine, lambda connection: command.check(_config(connection)))


async def current_revision(engine: AsyncEngine) -> str | None:
    """None: nothing of ours is in this database."""
    async with engine.connect() as connection:
        return await connection.run_sync(_current)


def _current(connection: Connection) -> str | None:
    if connection.scalar(text(_SQL["version_table"]), {"table": _VERSION_TABLE}) is None:
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}"))  # noqa: S608 - a constant
    return revision


def _up(connection: Connection, last: str) -> None:
    revisions, current = known_revisions(), _current(connection)
    first = revisions.index(current) + 1 if current else 0
    behind = revisions[first : revisions.index(last) + 1]
    for revision in behind:
        with _in_one_line(f"migration {revision} failed"):
            command.upgrade(_config(connection), revision)
        _LOG.info("migrated", revision=revision)
    if last == revisions[-1] and await_only(
        make_queue_where_missing(driver_of(connection.connection))
    ):
        _LOG.warning("queue_made_anew")


@contextmanager
def _in_one_line(failed: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        reason = getattr(error.orig, "__cause__", None) or error.orig
        sqlstate = getattr(error.orig, "sqlstate", None)
        advice = {
            _LOCK_NOT_AVAILABLE: ": other transactions hold what it must lock; try again",
            _DEPENDENT_OBJECTS: ": databases need it; drop them before",
        }.get(sqlstate or "", "")
        first_line = str(reason).partition("\n")[0]
        raise _StepFailed(
            f"{failed}, and nothing was changed: {first_line} (SQLSTATE {sqlstate}){advice}",
            sqlstate,
        ) from error


async def _run(engine: AsyncEngine, action: Callable[[Connection], None]) -> None:
    def with_connection(connection: Connection) -> None:
        if not connection.scalar(text(_SQL["try_lock"]), {"lock": _LOCK}):
            _LOG.info("another_instance_migrates")
            connection.execute(text(_SQL["lock"]), {"lock": _LOCK})
        refuse_unknown(_current(connection))
        # Whatever login this is, the objects belong to the role that every login is a member of.
        connection.execute(text(f"SET LOCAL ROLE {SERVICE}"))
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {METADATA_SCHEMA}"))
        action(connection)

    try:
        async with engine.begin() as connection:
            await connection.run_sync(with_connection)
    except CommandError as error:
        raise MigrationError(f"schema {METADATA_SCHEMA}: {error}") from error
