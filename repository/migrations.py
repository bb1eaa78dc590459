"""Alembic over the service's own connection; one instance migrates, the others wait for it."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.schema import METADATA_SCHEMA
from repository.roles import SERVICE

_LOCK = 7_990_002
_FOLDER = Path(__file__).parent.parent / "migrations"


class MigrationError(Exception):
    """Alembic refuses: a revision that this code does not know, or models that disagree."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError(f"no migrations in {_FOLDER}")
    return head


async def migrate_up(engine: AsyncEngine) -> None:
    await _run(engine, lambda config: command.upgrade(config, "head"))


async def migrate_down(engine: AsyncEngine, revision: str) -> None:
    """``revision`` as Alembic reads it: ``-1``, ``base`` or a name."""
    await _run(engine, lambda config: command.downgrade(config, revision))


async def migrate_check(engine: AsyncEngine) -> None:
    """Raises MigrationError where the models say other than the migrated database."""
    await _run(engine, command.check)


async def current_revision(engine: AsyncEngine) -> str | None:
    """None: nothing of ours is in this database."""
    async with engine.connect() as connection:
        table = f"{METADATA_SCHEMA}.alembic_version"
        if await connection.scalar(text("SELECT to_regclass(:table)"), {"table": table}) is None:
            return None
        revision: str = await connection.scalar(text(f"SELECT version_num FROM {table}"))  # noqa: S608 - a constant
        return revision


async def _run(engine: AsyncEngine, action: Callable[[Config], None]) -> None:
    def with_connection(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        # Whatever login this is, the objects belong to the role that every login is a member of.
        connection.execute(text(f"SET LOCAL ROLE {SERVICE}"))
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {METADATA_SCHEMA}"))
        action(_config(connection))

    try:
        async with engine.begin() as connection:
            await connection.run_sync(with_connection)
    except CommandError as error:
        raise MigrationError(f"schema {METADATA_SCHEMA}: {error}") from error
