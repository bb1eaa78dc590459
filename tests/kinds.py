"""One of each kind of object that pg_dump carries of a schema, and how it is loaded and compared.

In tests/data/kinds/ a kind begins with ``-- kind:`` and may say ``-- least:`` (version of
PostgreSQL), ``-- needs:`` (what not every server has), ``-- superuser`` (who alone may make it),
``-- refusable`` (a clone may refuse it), ``-- moved:``
(tables among which a copy may spread rows otherwise), ``-- ask:`` (a query that a copy must answer
as its source does; after ``;;`` where something comes before it) and ``-- refused:`` (a statement
whose row the kind must keep out). ``@own@`` is the schema where SQL refers to it and
becomes the copy's; ``@schema@`` is the same name as text and stays what it is.
"""

import asyncio
import os
import re
import subprocess
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import asyncpg
from asyncpg import Connection

from repository.roles import OWNER
from tests.dump import pg_dump_binary

_FOLDER = Path(__file__).parent / "data" / "kinds"
_HEADER = re.compile(r"-- (least|needs|superuser|refusable|moved|ask|refused)(?:: (.*))?\n")

_HAS = {
    "icu": "SELECT EXISTS (SELECT FROM pg_collation WHERE collname LIKE '%-x-icu')",
    "lz4": """
        SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'
    """,
    "vector": "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')",
}
"""Whether the server has what a kind needs."""

_SHARED = """
    CREATE ACCESS METHOD kinds_heap TYPE TABLE HANDLER heap_tableam_handler;
    CREATE FOREIGN DATA WRAPPER kinds_wrapper;
    CREATE SERVER kinds_server FOREIGN DATA WRAPPER kinds_wrapper;
    GRANT USAGE ON FOREIGN SERVER kinds_server TO PUBLIC;
"""
_SHARED_EXTENSION = """
    CREATE EXTENSION vector SCHEMA public;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
"""

_LENT = (
    "USAGE ON LANGUAGE sql, plpgsql",
    "EXECUTE ON FUNCTION nextval(regclass)",
    "EXECUTE ON FUNCTION setval(regclass, bigint), setval(regclass, bigint, boolean)",
)
"""What the tables' owner may not do while the service runs, and needs to make the kinds."""

_POSITION = "SELECT format('%s %s', last_value, is_called) FROM {name}"
# A table may have a column of whatever name its rows are given here.
_ROWS = """
    SELECT format('%s rows, %s', count(*), md5(string_agg(told, '|' ORDER BY told COLLATE "C")))
    FROM (SELECT "one row"::text AS told FROM {name} AS "one row") AS told
"""

_REFUSALS = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.GeneratedAlwaysError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.WithCheckOptionViolationError,
)

_ENTRY = re.compile(r"-- (?:Data for )?Name: (.*); Type: ([A-Z ]+); Schema: ")


@dataclass(frozen=True)
class Kind:
    name: str
    sql: str
    least: int = 15
    needs: frozenset[str] = frozenset()
    by_superuser: bool = False
    is_refusable: bool = False
    moved: frozenset[str] = frozenset()
    asks: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outside:
    """What lies outside all schemas and databases, under names that no other run has."""

    mark: str = field(default_factory=lambda: uuid4().hex[:12])

    @property
    def superuser(self) -> str:
        return f"kinds_superuser_{self.mark}"

    def filled(self, text: str, schema: str, own: str) -> str:
        marks = {
            "own": own,
            "schema": schema,
            "role": f"kinds_role_{self.mark}",
            "other": f"kinds_other_{self.mark}",
            "tablespace": f"kinds_space_{self.mark}",
        }
        return re.sub(r"@(own|schema|role|other|tablespace)@", lambda found: marks[found[1]], text)

    async def make(self, admin: Connection) -> None:
        for statement in (
            f"CREATE ROLE {self.superuser} SUPERUSER",
            "CREATE ROLE @role@",
            "CREATE ROLE @other@",
            "SET allow_in_place_tablespaces TO on",
            "CREATE TABLESPACE @tablespace@ LOCATION ''",
            "GRANT CREATE ON TABLESPACE @tablespace@ TO PUBLIC",
        ):
            await admin.execute(self.filled(statement, "", ""))

    async def remove(self, admin: Connection) -> None:
        for name in ("TABLESPACE @tablespace@", "ROLE @role@", "ROLE @other@"):
            await admin.execute(self.filled(f"DROP {name}", "", ""))
        await admin.execute(f"DROP ROLE {self.superuser}")


def _read() -> dict[str, Kind]:
    """By name, in the order of the files."""
    kinds = {}
    for file in sorted(_FOLDER.glob("*.sql")):
        for text in re.split(r"^-- kind: ", file.read_text(), flags=re.MULTILINE)[1:]:
            name, _, sql = text.partition("\n")
            assert name not in kinds, name
            kinds[name] = _parsed(name, sql)
    return kinds


def _parsed(name: str, sql: str) -> Kind:
    said: dict[str, list[str]] = {}
    while header := _HEADER.match(sql):
        said.setdefault(header[1], []).append(header[2] or "")
        sql = sql[header.end() :]

    def names(key: str) -> frozenset[str]:
        return frozenset(name for listed in said.get(key, ()) for name in listed.split(", "))

    return Kind(
        name=name,
        sql=sql,
        least=int(said.get("least", ["15"])[0]),
        needs=names("needs"),
        by_superuser="superuser" in said,
        is_refusable="refusable" in said,
        moved=names("moved"),
        asks=tuple(said.get("ask", ())),
        refused=tuple(said.get("refused", ())),
    )


KINDS = _read()


async def lacks(admin: Connection, kind: Kind) -> str | None:
    """Why this server cannot have it."""
    version = admin.get_server_version().major
    if version < kind.least:
        return f"PostgreSQL {kind.least} brought it, this is {version}"
    for needed in sorted(kind.needs):
        if not await admin.fetchval(_HAS[needed]):
            return f"this server has no {needed}"
    return None


async def make_shared(admin: Connection, kinds: Iterable[Kind]) -> None:
    """What the kinds may refer to outside their schema, once per database."""
    await admin.execute(_SHARED)
    if any("vector" in kind.needs for kind in kinds):
        await admin.execute(_SHARED_EXTENSION)


async def load(
    admin: Connection,
    schema: str,
    kinds: Iterable[Kind],
    outside: Outside,
    source: str | None = None,
) -> None:
    """``source``: whose copy this would be."""
    for right in _LENT:
        await admin.execute(f"GRANT {right} TO {OWNER}")
    for kind in kinds:
        role = outside.superuser if kind.by_superuser else OWNER
        try:
            await admin.execute(f"SET ROLE {role}; SET search_path TO {schema}")
            await admin.execute(outside.filled(kind.sql, source or schema, schema))
        except asyncpg.PostgresError as error:
            raise AssertionError(f"{kind.name}: {error}") from error
        finally:
            await admin.execute("RESET ROLE; RESET search_path")
    await admin.execute(f"REASSIGN OWNED BY {outside.superuser} TO {OWNER}")
    # What the session has drawn ahead it would draw when asked, and a copy's would not.
    await admin.execute("DISCARD SEQUENCES")
    for right in _LENT:
        await admin.execute(f"REVOKE {right} FROM {OWNER}")


async def answers(
    admin: Connection, schema: str, source: str, kinds: Iterable[Kind], outside: Outside
) -> dict[str, str]:
    """What each question is answered in a schema; what it changes is taken back."""
    told = {}
    for kind in kinds:
        for question in kind.asks:
            filled = outside.filled(question, source, schema)
            told[f"{kind.name}: {question}"] = await _answer(admin, schema, filled)
        for statement in kind.refused:
            filled = outside.filled(statement, source, schema)
            answer = await _answer(admin, schema, filled)
            assert answer.startswith("refused: "), f"{kind.name}: {statement}: {answer}"
            told[f"{kind.name}: {statement}"] = answer
    return told


async def _answer(admin: Connection, schema: str, question: str) -> str:
    *before, question = question.split(";; ")
    transaction = admin.transaction()
    await transaction.start()
    try:
        await admin.execute(f"SET LOCAL search_path TO {schema}")
        for statement in before:
            await admin.execute(statement)
        # Not by fetch, which knows the text from the other schema, with that one's types.
        prepared = await admin.prepare(question)
        return str([tuple(row) for row in await prepared.fetch()])
    except _REFUSALS as error:
        return f"refused: {error.sqlstate}"
    finally:
        await transaction.rollback()


async def contents(admin: Connection, schema: str, kinds: Iterable[Kind]) -> dict[str, str]:
    """The rows of each table and materialized view, the positions of sequences."""
    moved = frozenset().union(*(kind.moved for kind in kinds))
    found = {}
    async with admin.transaction():
        await admin.execute(f"SET LOCAL search_path TO {schema}")
        for relation in await admin.fetch(
            """
            SELECT relname, relkind::text, relispopulated,
                format(CASE WHEN relkind = 'r' THEN 'ONLY %I.%I' ELSE '%I.%I' END, $1::text, relname)
            FROM pg_class AS c
            WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'm', 'S')
                AND NOT EXISTS (
                    SELECT FROM pg_partition_tree(c.oid) AS p
                    JOIN pg_foreign_table AS f ON f.ftrelid = p.relid
                )
            """,
            schema,
        ):
            name, kind, populated, quoted = relation
            query = _POSITION if kind == "S" else _ROWS
            if name not in moved:
                found[name] = (
                    await admin.fetchval(query.format(name=quoted)) if populated else "no data"
                )
    return found


async def dump(
    admin: Connection, url: str, schema: str, relations: Iterable[str] = ()
) -> list[str]:
    """The lines of a schema's dump, taken while it bears a name that is the same for all.

    Only of ``relations``, where there are any.
    """
    binary = pg_dump_binary(admin.get_server_version().major)
    quoted = [name.replace('"', '""') for name in relations]
    of_what = [f'--table=dumped."{name}"' for name in quoted] or ["--schema=dumped"]
    await admin.execute(f"ALTER SCHEMA {schema} RENAME TO dumped")
    try:
        told = await asyncio.to_thread(
            subprocess.run,
            [binary, *of_what, url],
            capture_output=True,
            text=True,
            check=False,
            env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
        )
    finally:
        await admin.execute(f"ALTER SCHEMA dumped RENAME TO {schema}")
    assert told.returncode == 0, told.stderr
    # Newer releases frame a dump with a random word.
    return [line for line in told.stdout.split("\n") if not re.match(r"\\(un)?restrict ", line)]


def as_comparable(
    of_source: Sequence[str], of_copy: Sequence[str], source: str, copy: str, kinds: Iterable[Kind]
) -> tuple[list[str], list[str]]:
    """What must be equal of two dumps: where the source says its name to look something up, the copy
    says its own.

    In functions that is before a dot and in a search_path, in a trigger's arguments before a dot, and
    where a text becomes the name of an object; elsewhere the name is text and stays. Left out are the
    rows of tables among which they may move.
    """
    moved = frozenset().union(*(kind.moved for kind in kinds))
    as_object = re.compile(
        rf"(?<=')\b{source}(?=\.[^']*'::text\)::reg)|(?<=dictionary = '){source}(?=\.)"
    )
    in_body = re.compile(
        rf"""\b{source}(?="?\.)|(?<=search_path TO ){source}|(?<=search_path = ){source}"""
        rf"""|(?<='search_path', '){source}"""
    )
    in_arguments = re.compile(rf"(?<='){source}(?=\.)")
    by_type = {"FUNCTION": in_body, "PROCEDURE": in_body, "TRIGGER": in_arguments}
    expected = [
        line.replace(source, copy)
        if type_of_entry in {"FUNCTION", "PROCEDURE"} and line.startswith("    SET search_path TO ")
        else by_type.get(type_of_entry, as_object).sub(copy, line)
        for type_of_entry, line in _entries(of_source, moved)
    ]
    return expected, [line for _, line in _entries(of_copy, moved)]


def _entries(lines: Iterable[str], moved: Container[str]) -> Iterator[tuple[str, str]]:
    """Each line with the type of object it belongs to, but for rows of the tables ``moved``."""
    name = type_of_entry = ""
    for line in lines:
        if entry := _ENTRY.match(line):
            name, type_of_entry = entry.groups()
        if not (type_of_entry == "TABLE DATA" and name in moved):
            yield type_of_entry, line
