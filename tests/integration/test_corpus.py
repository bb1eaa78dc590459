"""The corpus through the whole service: never a server error, and nobody else notices.

CORPUS_STATEMENTS=20000 python -m pytest tests/integration/test_corpus.py -n 2   # all of it
"""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from json import dumps
from random import Random

import asyncpg
import httpx
import pytest

from exceptions.codes import ErrorCode
from service.settings import Settings
from tests.attack_answers import KNOWN_CODES
from tests.catalog import rows, structure
from tests.client import Client, Row, open_client
from tests.corpus import SEED, Sample, corpus
from tests.judgement import assert_none
from tests.patience import eventually
from tests.state import State, changes, state_of
from tests.two_tenants import TwoTenants, open_shop, two_tenants

STATEMENTS = int(os.environ.get("CORPUS_STATEMENTS", "2600"))
PARTS = 4
STATEMENTS_OF_A_SHOP = 200
"""After so many, hardly a table is left as it was, and the next ones get a new database."""

# What comes of good requests and bad ones; not ServiceUnavailable, since PostgreSQL is there.
EXPECTED = KNOWN_CODES - {ErrorCode.SERVICE_UNAVAILABLE}


@pytest.fixture
async def hasty(settings: Settings) -> AsyncIterator[Client]:
    """What is asked is cut short; what is made for it has the time that it takes."""
    async with open_client(settings.model_copy(update={"statement_timeout_ms": 1_000})) as opened:
        yield opened


@pytest.fixture
async def tenants(client: Client, admin: asyncpg.Connection) -> TwoTenants:
    return await two_tenants(client, admin)


@pytest.mark.timeout(300 + STATEMENTS // 20)
@pytest.mark.parametrize("part", range(PARTS))
async def test_corpus(
    part: int, client: Client, hasty: Client, tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    victims = tenants.others[1:]
    before = {schema: await structure_and_rows(admin, schema) for schema in victims}
    server_before = await server_state(admin)
    random = Random(SEED + part)  # noqa: S311 - no secret is made of it
    faults = []
    for number, sample in enumerate(list(corpus(STATEMENTS))[part::PARTS], start=1):
        if number % STATEMENTS_OF_A_SHOP == 0:
            shop = await open_shop(tenants.attacker, tenants.colleague, f"shop{number}")
            tenants = replace(tenants, attacker_id=shop)
        verb, body = request(random, sample, tenants)
        answer = await hasty.post(verb, content=dumps(body))
        if is_wrong(answer):
            faults.append(f"{verb} {body}: {answer.status_code} {answer.text[:300]}")
    assert_none(faults)
    assert {schema: await structure_and_rows(admin, schema) for schema in victims} == before
    assert changes(server_before, await server_state(admin)) == []
    await assert_is_healthy(client, tenants, admin)


def request(random: Random, sample: Sample, tenants: TwoTenants) -> tuple[str, Row]:
    """With whatever else such a request may hold, sometimes."""
    attacker = tenants.attacker
    body: Row = {
        "uid": attacker.uid,
        "space_id": attacker.space_id,
        "database_id": tenants.attacker_id,
    }
    sql = tenants.fill(sample.sql)
    if sample.verb == "exec_ddl":
        options = random.choice(({}, {}, {}, {}, {"env": "test"}, {"dry_run": True}))
        return sample.verb, body | {"ddl": sql} | options
    env = random.choice(("prod", "test"))
    body |= {"app_id": attacker.app_id, "dml": sql, "env": env}
    if random.random() < 0.05:
        return "explain_dml", body
    return sample.verb, body | random.choice((*[{}] * 12, *OPTIONS_OF_DML))


OPTIONS_OF_DML: tuple[Row, ...] = (
    {"params": []},
    {"params": [1, "a"]},
    {"params": [None, True, 2.5, {"a": [1]}, "2026-01-02", "\u0000", 10**30]},
    {"params": {"name": "a"}},
    {"params": {"name": None, "n": "x" * 1000}},
    {"read_only": True},
    {"compact": True},
    {"timeout_ms": 100, "lock_timeout_ms": 100},
)


def is_wrong(answer: httpx.Response) -> bool:
    """An answer is an envelope, with a code of this service, and with nothing of the victim's."""
    envelope = answer.json()
    return (
        envelope["code"] not in EXPECTED
        or not isinstance(envelope["message"], str)
        or envelope["sid"] != answer.headers["x-request-id"]
        or "alice" in answer.text
    )


async def structure_and_rows(admin: asyncpg.Connection, schema: str) -> object:
    return await structure(admin, schema), await rows(admin, schema)


SECTIONS_OF_THE_SERVER = frozenset(
    {
        "roles",
        "passwords",
        "memberships",
        "default privileges",
        "settings of roles",
        "database",
        "event triggers",
        "functions",
    }
)


async def server_state(admin: asyncpg.Connection) -> State:
    """What is there once for all, but for what anybody's new database adds to it."""
    return {
        section: facts
        for section, facts in (await state_of(admin)).items()
        if section in SECTIONS_OF_THE_SERVER
    }


IDLE = (
    "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'"
)


async def assert_is_healthy(client: Client, tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    assert (await client.http.get("/readyz")).json()["code"] == 0
    found = await tenants.victim.dml(tenants.victim_id, "SELECT name FROM items", "prod")
    assert found == [{"name": "secret of alice in prod"}]
    await eventually(partial(admin.fetchval, IDLE))  # what the service does by itself ends
