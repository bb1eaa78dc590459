"""pg_dump | psql: how one copies a database who has nothing else."""

import shlex
from collections.abc import Sequence

from asyncpg import Connection

from benchmarks.cloning import Source
from benchmarks.processes import output_of
from benchmarks.stack import Stack
from service.embedded_server.programs import binaries

_BASE, _TARGET = "dump_base", "dump_target"
_SERVICES_OWN = ("twinbase", "twinbase_functions")
_RESTORE = ("--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1")


def missing_programs() -> list[str]:
    """pg_dump has to be at least of the server's version: so it is the server's own, or none."""
    return [name for name in ("pg_dump", "psql") if not (binaries() / name).exists()]


class DumpAndRestore:
    """Into another PostgreSQL database, where the pair's names are free.

    ``prepare`` makes the one that those are copies of: with what tenants' tables refer to.
    """

    def __init__(self, stack: Stack, superuser: Connection, source: Source) -> None:
        self._stack = stack
        self._superuser = superuser
        self._schemas = [schema.name for schema in source.schemas]

    async def prepare(self) -> None:
        await self._superuser.execute(f"DROP DATABASE IF EXISTS {_BASE}")
        await self._superuser.execute(f"CREATE DATABASE {_BASE}")
        await self._pipe(self._dump(_SERVICES_OWN, "--schema-only"), _BASE)

    async def make_room(self) -> None:
        await self._superuser.execute(f"CREATE DATABASE {_TARGET} TEMPLATE {_BASE}")

    async def copy(self) -> None:
        await self._pipe(self._dump(self._schemas), _TARGET)

    async def copy_in_one_transaction(self) -> None:
        """Without a commit, and so a wait for the disk, after each statement."""
        await self._pipe(self._dump(self._schemas), _TARGET, "--single-transaction")

    async def drop(self) -> None:
        await self._superuser.execute(f"DROP DATABASE {_TARGET} WITH (FORCE)")

    def _dump(self, schemas: Sequence[str], *options: str) -> str:
        named = (f"--schema={schema}" for schema in schemas)
        program = str(binaries() / "pg_dump")
        return shlex.join((program, *options, *named, self._stack.superuser_url))

    async def _pipe(self, dump: str, target: str, *options: str) -> None:
        url = self._stack.url(user=self._stack.server.superuser, database=target)
        restore = shlex.join((str(binaries() / "psql"), *_RESTORE, *options, url))
        # A dump that broke off would restore without an error: its own word counts, too.
        await output_of("sh", "-c", f"{{ {dump} || echo 'SELECT 1 / 0;'; }} | {restore}")
