"""A clone carries every kind of object that pg_dump carries, and the copy lives without its source."""

import asyncio
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from urllib.parse import urlsplit
from zlib import crc32

import asyncpg
import pytest
from asyncpg import Connection

from domain.schema import Environment
from tests.catalog import inventory, schemas, ties
from tests.client import Client
from tests.conftest import url_with
from tests.kinds import (
    KINDS,
    Kind,
    Outside,
    answers,
    as_comparable,
    contents,
    dump,
    lacks,
    load,
    make_shared,
)

Pair = dict[Environment, str]

NOT_POSSIBLE = 25016

_MOST_LINES = 40
# Languages, extensions, access methods and servers are everybody's; so is what lies in public.
_SHARED = re.compile(r" -> (plpgsql|vector|kinds_heap|kinds_server|hnsw|public\b.*)$")

_EACH_KIND = pytest.mark.skipif(
    not os.environ.get("CLONE_EACH_KIND"),
    reason="takes minutes, and only tells by which kind the test of all together fails:"
    " set CLONE_EACH_KIND",
)


@dataclass(frozen=True)
class Bench:
    """Where a pair is made, cloned and looked at."""

    client: Client
    admin: Connection
    url: str
    outside: Outside


@pytest.fixture(scope="session")
def outside(admin_url: str) -> Iterator[Outside]:
    """Until the databases of all tests are gone: who still has a right somewhere stays."""
    made = Outside()

    async def run(change: str) -> None:
        admin = await asyncpg.connect(admin_url)
        try:
            await (made.make(admin) if change == "make" else made.remove(admin))
        finally:
            await admin.close()

    asyncio.run(run("make"))
    yield made
    asyncio.run(run("remove"))


@pytest.fixture
async def bench(
    client: Client, admin: Connection, admin_url: str, database_url: str, outside: Outside
) -> Bench:
    database = urlsplit(database_url).path.lstrip("/")
    return Bench(client, admin, url_with(admin_url, database=database), outside)


@pytest.mark.timeout(600)
async def test_what_is_made_twice_is_the_same(bench: Bench) -> None:
    """So what a clone is measured by can be reached, on this version of PostgreSQL, too."""
    kinds = await kinds_here(bench)
    assert len(kinds) > 200
    sources = await make_source(bench, kinds)
    copies = await schemas(bench.admin, await bench.client.caller().create("copy"))
    for environment, schema in copies.items():
        await load(bench.admin, schema, kinds, bench.outside, sources[environment])
    await assert_copied(bench, sources, copies, kinds)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("in_steps", [False, True], ids=["at once", "in steps"])
async def test_everything_together(bench: Bench, *, in_steps: bool) -> None:
    kinds = [kind for kind in await kinds_here(bench) if not kind.is_refusable]
    await assert_cloned(bench, kinds, in_steps=in_steps)


_RELATIONS = """
    SELECT relname FROM pg_class
    WHERE relnamespace = $1::text::regnamespace AND relkind::text = ANY ($2)
        AND has_table_privilege(oid, 'SELECT')
    ORDER BY relname
"""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("half", [0, 1])
async def test_half_of_the_tables(bench: Bench, half: int) -> None:
    """With what they need, which their refusal names: as pg_dump tells of these tables."""
    admin = bench.admin
    # Values that are names of objects need more than anybody can know before.
    without = "values of objects' names"
    kinds = [
        kind for kind in await kinds_here(bench) if not kind.is_refusable and kind.name != without
    ]
    sources = await make_source(bench, kinds)
    source_id = await admin.fetchval("SELECT id FROM twinbase.database_meta")
    there = await names_in(admin, sources[Environment.PROD], "rpfvm")
    asked = {name for name in there if crc32(name.encode()) % 2 == half}
    for _ in there:
        answer = await bench.client.caller().call(
            "clone_database",
            database_id=source_id,
            new_database_name="copy",
            tables=sorted(asked),
            verify="checksums",
        )
        if answer["code"] == 0:
            break
        told = answer["message"].rpartition(" Name them, too: ")[2]
        named = f", {told.removesuffix('.')}, "
        more = {name for name in there if f", {name}, " in named}
        assert more - asked, answer
        asked |= more
    assert len(asked) < len(there)
    copies = await schemas(admin, int(answer["data"]["database_id"]))
    for environment, copy in copies.items():
        await assert_part(bench, sources[environment], copy, kinds)


async def names_in(admin: Connection, schema: str, relkinds: str) -> list[str]:
    return [row[0] for row in await admin.fetch(_RELATIONS, schema, list(relkinds))]


async def assert_part(bench: Bench, source: str, copy: str, kinds: Sequence[Kind]) -> None:
    """Equal as far as its tables go, and nothing in it that the source has not."""
    admin = bench.admin
    relations = await names_in(admin, copy, "rpfvmS")
    assert len(relations) > 100
    parts = [await dump(admin, bench.url, schema, relations) for schema in (source, copy)]
    of_source, of_copy = as_comparable(parts[0], parts[1], source, copy, kinds)
    # pg_dump orders them by all that is there.
    fail_where_different("dump", sorted_entries(of_source), sorted_entries(of_copy))
    tied = [tie for tie in await ties(admin, copy) if not _SHARED.search(tie)]
    fail_where_different("ties to what is outside", [], tied)
    wholes = [await dump(admin, bench.url, schema) for schema in (source, copy)]
    of_source, of_copy = as_comparable(wholes[0], wholes[1], source, copy, kinds)
    more = set(sorted_entries(of_copy)) - set(sorted_entries(of_source))
    fail_where_different("only in the copy", [], sorted(more))
    await admin.execute(f"DROP SCHEMA {source} CASCADE")
    left = await dump(admin, bench.url, copy)
    fail_where_different("dump without the source", wholes[1], left)


def sorted_entries(lines: Sequence[str]) -> list[str]:
    """Each by itself: without the settings that hold from one entry to the next."""
    told = "\n".join(line for line in lines if not line.startswith("SET default_"))
    return sorted(entry.strip() for entry in told.split("\n--\n-- "))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if kind.is_refusable else [_EACH_KIND])
        for name, kind in KINDS.items()
    ],
)
async def test_each_kind(bench: Bench, name: str) -> None:
    kind = KINDS[name]
    if missing := await lacks(bench.admin, kind):
        pytest.skip(missing)
    await assert_cloned(bench, [kind])


async def kinds_here(bench: Bench) -> list[Kind]:
    return [kind for kind in KINDS.values() if not await lacks(bench.admin, kind)]


async def make_source(bench: Bench, kinds: Sequence[Kind]) -> Pair:
    sources = await schemas(bench.admin, await bench.client.caller().create("source"))
    await make_shared(bench.admin, kinds)
    for schema in sources.values():
        await load(bench.admin, schema, kinds, bench.outside)
    return sources


async def assert_cloned(bench: Bench, kinds: Sequence[Kind], *, in_steps: bool = False) -> None:
    """Or refused before anything is made, if each of the kinds may be."""
    sources = await make_source(bench, kinds)
    source_id = await bench.admin.fetchval("SELECT id FROM twinbase.database_meta")
    before = await inventory(bench.admin)
    caller = bench.client.caller()
    answer = await caller.call(
        "clone_database", database_id=source_id, new_database_name="copy", wait=not in_steps
    )
    if in_steps:
        operation = await caller.ended(answer["data"]["operation_id"])
        assert operation["error"] is None
    if answer["code"]:
        if answer["code"] != NOT_POSSIBLE or not all(kind.is_refusable for kind in kinds):
            pytest.fail(f"{answer['code']}: {answer['message']}", pytrace=False)
        assert await inventory(bench.admin) == before
        return
    copies = await schemas(bench.admin, int(answer["data"]["database_id"]))
    await assert_copied(bench, sources, copies, kinds)


async def assert_copied(bench: Bench, sources: Pair, copies: Pair, kinds: Sequence[Kind]) -> None:
    """Equal as long as there is a source, and the same without."""
    told = {
        environment: await assert_equal(bench, sources[environment], copies[environment], kinds)
        for environment in sources
    }
    for schema in sources.values():
        await bench.admin.execute(f"DROP SCHEMA {schema} CASCADE")
    for environment, (lines, before) in told.items():
        source, copy = sources[environment], copies[environment]
        left = await dump(bench.admin, bench.url, copy)
        fail_where_different("dump without the source", lines, left)
        after = await answers(bench.admin, copy, source, kinds, bench.outside)
        fail_where_different("answers without the source", as_lines(before), as_lines(after))


async def assert_equal(
    bench: Bench, source: str, copy: str, kinds: Sequence[Kind]
) -> tuple[list[str], dict[str, str]]:
    """The copy's dump, and what the source answers."""
    admin = bench.admin
    of_source, of_copy = [await dump(admin, bench.url, schema) for schema in (source, copy)]
    fail_where_different("dump", *as_comparable(of_source, of_copy, source, copy, kinds))
    fail_where_different(
        "rows and positions",
        *[as_lines(await contents(admin, schema, kinds)) for schema in (source, copy)],
    )
    tied = [tie for tie in await ties(admin, copy) if not _SHARED.search(tie)]
    fail_where_different("ties to what is outside", [], tied)
    return of_copy, await answers(admin, source, source, kinds, bench.outside)


def as_lines(told: dict[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in sorted(told.items())]


def fail_where_different(where: str, expected: Sequence[str], found: Sequence[str]) -> None:
    if expected == found:
        return
    lines = list(unified_diff(expected, found, "expected", "found", lineterm="", n=0))[2:]
    rest = len(lines) - _MOST_LINES
    told = [*lines[:_MOST_LINES], *([f"and {rest} more lines"] if rest > 0 else [])]
    pytest.fail("\n".join([f"{where}:", *told]), pytrace=False)
