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
from service.testing import url_with
from tests.catalog import inventory, schemas, ties
from tests.client import Client
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
    reason="takes minutes, and hardly tells more than by which kind the test of all together"
    " fails: set CLONE_EACH_KIND",
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
    created = await schemas(bench.admin, await bench.client.caller().create("both"))
    source, copy = created[Environment.PROD], created[Environment.TEST]
    await make_shared(bench.admin, kinds)
    await load(bench.admin, source, kinds, bench.outside)
    await load(bench.admin, copy, kinds, bench.outside, source)
    await assert_copied(bench, {Environment.PROD: source}, [{Environment.PROD: copy}], kinds)


@pytest.mark.timeout(600)
async def test_everything_together(bench: Bench) -> None:
    """At once as a small database, and in steps as a large one is cloned."""
    kinds = [kind for kind in await kinds_here(bench) if not kind.is_refusable]
    sources = await make_source(bench, kinds)
    source_id = await bench.admin.fetchval("SELECT id FROM twinbase.database_meta")
    caller = bench.client.caller()
    copies = [
        await schemas(bench.admin, await caller.clone(source_id, name, in_steps=in_steps))
        for name, in_steps in (("at_once", False), ("in_steps", True))
    ]
    await assert_copied(bench, sources, copies, kinds)


_RELATIONS = """
    SELECT relname FROM pg_class
    WHERE relnamespace = $1::text::regnamespace AND relkind::text = ANY ($2)
        AND has_table_privilege(oid, 'SELECT')
    ORDER BY relname
"""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("half", [0, pytest.param(1, marks=_EACH_KIND)])
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


async def assert_cloned(bench: Bench, kinds: Sequence[Kind]) -> None:
    """Or refused before anything is made, if each of the kinds may be."""
    sources = await make_source(bench, kinds)
    source_id = await bench.admin.fetchval("SELECT id FROM twinbase.database_meta")
    before = await inventory(bench.admin)
    caller = bench.client.caller()
    answer = await caller.call("clone_database", database_id=source_id, new_database_name="copy")
    if answer["code"]:
        if answer["code"] != NOT_POSSIBLE or not all(kind.is_refusable for kind in kinds):
            pytest.fail(f"{answer['code']}: {answer['message']}", pytrace=False)
        assert await inventory(bench.admin) == before
        return
    copies = await schemas(bench.admin, int(answer["data"]["database_id"]))
    await assert_copied(bench, sources, [copies], kinds)


@dataclass(frozen=True)
class Told:
    """What a schema is: its dump, its rows and positions, what it answers."""

    dump: list[str]
    contents: list[str]
    answers: list[str]


async def assert_copied(
    bench: Bench, sources: Pair, copies: Sequence[Pair], kinds: Sequence[Kind]
) -> None:
    """Each is equal as long as there is a source, and the same without."""
    admin = bench.admin
    told = {
        environment: await told_of(bench, sources[environment], kinds) for environment in sources
    }
    pairs = [
        (told[environment], source, pair[environment])
        for environment, source in sources.items()
        for pair in copies
    ]
    dumps = {
        copy: await assert_equal(bench, of_source, source, copy, kinds)
        for of_source, source, copy in pairs
    }
    for schema in sources.values():
        await admin.execute(f"DROP SCHEMA {schema} CASCADE")
    for of_source, source, copy in pairs:
        left = await dump(admin, bench.url, copy)
        fail_where_different("dump without the source", dumps[copy], left)
        after = as_lines(await answers(admin, copy, source, kinds, bench.outside))
        fail_where_different("answers without the source", of_source.answers, after)


async def told_of(bench: Bench, source: str, kinds: Sequence[Kind]) -> Told:
    return Told(
        await dump(bench.admin, bench.url, source),
        as_lines(await contents(bench.admin, source, kinds)),
        as_lines(await answers(bench.admin, source, source, kinds, bench.outside)),
    )


async def assert_equal(
    bench: Bench, of_source: Told, source: str, copy: str, kinds: Sequence[Kind]
) -> list[str]:
    """The copy's dump."""
    admin = bench.admin
    of_copy = await dump(admin, bench.url, copy)
    fail_where_different("dump", *as_comparable(of_source.dump, of_copy, source, copy, kinds))
    found = as_lines(await contents(admin, copy, kinds))
    fail_where_different("rows and positions", of_source.contents, found)
    tied = [tie for tie in await ties(admin, copy) if not _SHARED.search(tie)]
    fail_where_different("ties to what is outside", [], tied)
    return of_copy


def as_lines(told: dict[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in sorted(told.items())]


def fail_where_different(where: str, expected: Sequence[str], found: Sequence[str]) -> None:
    if expected == found:
        return
    lines = list(unified_diff(expected, found, "expected", "found", lineterm="", n=0))[2:]
    rest = len(lines) - _MOST_LINES
    told = [*lines[:_MOST_LINES], *([f"and {rest} more lines"] if rest > 0 else [])]
    pytest.fail("\n".join([f"{where}:", *told]), pytrace=False)
