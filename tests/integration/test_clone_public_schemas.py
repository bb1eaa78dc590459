"""Schemas that others wrote for themselves are cloned whole, and the copy lives without its source."""

import re
from difflib import unified_diff
from urllib.parse import urlsplit

import pytest
from asyncpg import Connection

from domain.schema import Environment
from repository.roles import OWNER
from service.testing import url_with
from tests.catalog import rows, schemas, ties
from tests.client import Caller, Client
from tests.dump import dumps
from tests.public_schemas import PUBLIC_SCHEMAS, PublicSchema, answers, load, load_as_superuser

Schemas = dict[Environment, str]
SHARED = {"plpgsql"}


@pytest.fixture(params=PUBLIC_SCHEMAS, ids=lambda public: public.name)
def public(request: pytest.FixtureRequest) -> PublicSchema:
    given: PublicSchema = request.param
    return given


@pytest.fixture
def owner(client: Client) -> Caller:
    return client.caller("u1")


@pytest.fixture
def url(admin_url: str, database_url: str) -> str:
    return url_with(admin_url, database=urlsplit(database_url).path.lstrip("/"))


@pytest.fixture
async def source(owner: Caller, admin: Connection, public: PublicSchema) -> int:
    database_id = await owner.create(public.name)
    for schema in (await schemas(admin, database_id)).values():
        await load(admin, schema, public)
    return database_id


async def dumps_of(admin: Connection, url: str, of: Schemas) -> dict[Environment, list[str]]:
    """Bodies of functions are text, in which a renamed schema keeps its name: that is marked."""
    taken = await dumps(admin, url, list(of.values()))
    return {
        environment: [line.replace(schema, "@schema@") for line in lines]
        for (environment, schema), lines in zip(of.items(), taken, strict=True)
    }


def differing(copy: list[str], source: list[str]) -> str:
    return "\n".join(unified_diff(source, copy, "source", "copy", n=0, lineterm=""))


async def outside(admin: Connection, schema: str) -> set[str]:
    return {tie.rpartition(" -> ")[2] for tie in await ties(admin, schema)}


async def test_loads_as_the_owners(
    admin: Connection, url: str, source: int, public: PublicSchema
) -> None:
    sources = await schemas(admin, source)
    prod, test = [await answers(admin, schema, public) for schema in sources.values()]
    assert prod == test
    assert all(prod)
    for schema in sources.values():
        assert await outside(admin, schema) <= SHARED
    for lines in (await dumps_of(admin, url, sources)).values():
        assert set(
            re.findall(r"^-- .*; Schema: dumped; Owner: (.+)$", "\n".join(lines), re.MULTILINE)
        ) == {OWNER.name}


@pytest.mark.parametrize("in_steps", [False, True], ids=["at once", "in steps"])
async def test_clone_equals_and_outlives_its_source(
    owner: Caller, admin: Connection, url: str, source: int, public: PublicSchema, *, in_steps: bool
) -> None:
    sources = await schemas(admin, source)
    copies = await schemas(admin, await owner.clone(source, in_steps=in_steps))

    of_copies, of_sources = [await dumps_of(admin, url, of) for of in (copies, sources)]
    told_before = {}
    for environment, schema in sources.items():
        assert differing(of_copies[environment], of_sources[environment]) == ""
        assert await rows(admin, copies[environment]) == await rows(admin, schema)
        assert await outside(admin, copies[environment]) <= SHARED
        told_before[environment] = await answers(admin, schema, public)
        assert all(told_before[environment])

    await admin.execute(f"DROP SCHEMA {', '.join(sources.values())} CASCADE")
    assert await dumps_of(admin, url, copies) == of_copies
    for environment, schema in copies.items():
        assert await answers(admin, schema, public) == told_before[environment]


_WHOSE = re.compile(r"(?<=Owner: ).*$|(?<= OWNER TO ).*(?=;$)")


async def test_what_a_superuser_has_left_there_is_cloned(
    owner: Caller, admin: Connection, url: str, public: PublicSchema
) -> None:
    """The copy is the owner's of all copies, and lives without its source."""
    source = await owner.create(public.name)
    sources = await schemas(admin, source)
    for schema in sources.values():
        await load_as_superuser(admin, schema, public)
    copies = await schemas(admin, await owner.clone(source))
    of_copies, of_sources = [await dumps_of(admin, url, of) for of in (copies, sources)]
    for environment, schema in sources.items():
        whosever, theirs = (
            [_WHOSE.sub("whosever", line) for line in of[environment]]
            for of in (of_copies, of_sources)
        )
        assert differing(whosever, theirs) == ""
        assert await rows(admin, copies[environment]) == await rows(admin, schema)
        assert {
            found[0]
            for line in of_copies[environment]
            if (found := _WHOSE.search(line)) and "Schema: dumped" in line
        } == {OWNER.name}
    # They draw from sequences, so the source is asked after it was cloned.
    told = {each: await answers(admin, schema, public) for each, schema in sources.items()}
    await admin.execute(f"DROP SCHEMA {', '.join(sources.values())} CASCADE")
    for environment, schema in copies.items():
        assert await answers(admin, schema, public) == told[environment]
