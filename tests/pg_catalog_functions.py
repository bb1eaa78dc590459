"""The functions of pg_catalog: of every major that the service runs on, and of a live server.

`data/pg_catalog_functions.txt` is what real servers said. Given a URL of one server of each
major, `python -m tests.pg_catalog_functions URL …` writes it anew.
"""

import asyncio
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import asyncpg

from domain.gate.vocabulary import function_names, type_names

MAJORS = frozenset({15, 16, 17, 18})
FILE = Path(__file__).parent / "data" / "pg_catalog_functions.txt"

# name(arguments) result: `=` is behind an argument that may be left out, `*` before VARIADIC;
# a result of OUT parameters is written name:type,…
SIGNATURES = """
    WITH arguments AS (
        SELECT p.oid, string_agg(
            CASE WHEN p.provariadic <> 0 AND a.place = p.pronargs THEN '*' ELSE '' END || t.typname
                || CASE WHEN a.place > p.pronargs - p.pronargdefaults THEN '=' ELSE '' END,
            ',' ORDER BY a.place) AS list
        FROM pg_proc p, unnest(p.proargtypes) WITH ORDINALITY AS a(type, place), pg_type t
        WHERE t.oid = a.type
        GROUP BY p.oid
    ), columns AS (
        SELECT p.oid, string_agg(
            coalesce(p.proargnames[c.place], '') || ':' || t.typname, ',' ORDER BY c.place) AS list
        FROM pg_proc p, pg_type t,
            unnest(p.proallargtypes, p.proargmodes) WITH ORDINALITY AS c(type, mode, place)
        WHERE t.oid = c.type AND c.mode IN ('o', 'b', 't')
        GROUP BY p.oid
    )
    SELECT p.proname || '(' || coalesce(a.list, '') || ') '
        || CASE WHEN p.proretset THEN 'setof ' ELSE '' END || coalesce(c.list, r.typname)
    FROM pg_proc p
    JOIN pg_type r ON r.oid = p.prorettype
    LEFT JOIN arguments a ON a.oid = p.oid
    LEFT JOIN columns c ON c.oid = p.oid
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
"""

_LINE = re.compile(
    r"(?P<text>(?P<name>\w+)\((?P<arguments>.*?)\) (?P<result>.+?))( @(?P<majors>.+))?"
)

# What a table's row can be given to.
ROW_TYPES = frozenset(
    {"any", "anyelement", "anynonarray", "anycompatible", "anycompatiblenonarray", "record"},
)
PSEUDO_TYPES = ROW_TYPES | {
    *("anyarray", "anyenum", "anyrange", "anymultirange"),
    *("anycompatiblearray", "anycompatiblerange", "anycompatiblemultirange"),
}

_OF_A_CONFIGURATION = (
    "json_to_tsvector jsonb_to_tsvector phraseto_tsquery plainto_tsquery to_tsquery to_tsvector"
    " ts_headline websearch_to_tsquery"
)

# Functions that are allowed though an overload takes or gives a type that is not: why.
REVIEWED_TYPES = {
    "regconfig": (
        _OF_A_CONFIGURATION,
        "the configuration must be a literal without a schema: domain/gate/text_search.py",
    ),
    "oid": ("int8 max min", "only of the system column tableoid, which is a number"),
    "tid": ("max min", "only of the system column ctid: where a row of one's own lies"),
    "xid": ("age", "only of the system columns xmin and xmax, which tell as much themselves"),
    "xid8": ("max min", "nothing that is allowed gives an xid8"),
    "pg_lsn": ("max min", "nothing that is allowed gives a pg_lsn"),
    "xml": ("text", "nothing that is allowed gives an xml"),
}


@dataclass(frozen=True, slots=True)
class Signature:
    text: str
    name: str
    arguments: tuple[str, ...]
    result: str
    majors: frozenset[int] = MAJORS

    @property
    def types(self) -> set[str]:
        """Those of its arguments and results; of an array, its elements'."""
        return {_bare(argument) for argument in self.arguments} | self.given_types

    @property
    def given_types(self) -> set[str]:
        return {_bare(column.rpartition(":")[2]) for column in self._results}

    @property
    def columns(self) -> set[str]:
        """The names of OUT parameters."""
        return {column.partition(":")[0] for column in self._results if ":" in column}

    @property
    def _results(self) -> list[str]:
        return self.result.removeprefix("setof ").split(",")

    @property
    def takes_a_row_alone(self) -> bool:
        needed = [argument for argument in self.arguments if not argument.endswith("=")]
        return bool(self.arguments) and len(needed) <= 1 and _bare(self.arguments[0]) in ROW_TYPES


def _bare(type_name: str) -> str:
    return type_name.strip("*=").removeprefix("_")


@cache
def snapshot() -> tuple[Signature, ...]:
    return tuple(_parsed(line) for line in FILE.read_text(encoding="utf-8").splitlines())


def _parsed(line: str) -> Signature:
    match = _LINE.fullmatch(line)
    assert match is not None, line
    arguments, majors = match["arguments"], match["majors"]
    return Signature(
        text=match["text"],
        name=match["name"],
        arguments=tuple(arguments.split(",")) if arguments else (),
        result=match["result"],
        majors=frozenset(int(major) for major in majors.split(",")) if majors else MAJORS,
    )


async def live_signatures(connection: asyncpg.Connection) -> tuple[Signature, ...]:
    return tuple(_parsed(row[0]) for row in await connection.fetch(SIGNATURES))


def functions_of_rows(signatures: Iterable[Signature]) -> set[str]:
    """What `table.name` calls, but for names that the gate refuses or allows altogether."""
    return {
        signature.name
        for signature in signatures
        if signature.takes_a_row_alone
        and signature.name not in function_names()
        and not signature.name.startswith("pg_")
    }


def unreviewed_types(signatures: Iterable[Signature]) -> set[tuple[str, str]]:
    """Allowed functions with types that are neither allowed nor an exception."""
    return {
        (signature.name, type_name)
        for signature in signatures
        if signature.name in function_names()
        for type_name in signature.types - type_names() - PSEUDO_TYPES
        if signature.name not in REVIEWED_TYPES.get(type_name, ("", ""))[0].split()
    }


async def _write(urls: list[str]) -> None:
    majors_of: dict[str, set[int]] = {}
    for url in urls:
        connection = await asyncpg.connect(url)
        for signature in await live_signatures(connection):
            majors_of.setdefault(signature.text, set()).add(connection.get_server_version().major)
        await connection.close()
    lines = [
        text if majors == MAJORS else f"{text} @{','.join(map(str, sorted(majors)))}"
        for text, majors in sorted(majors_of.items())
    ]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(_write(sys.argv[1:]))
