"""Tenants' DDL without the gate: PostgreSQL alone holds (DESIGN §3, first line).

Whatever is sent, other schemas and the server stay as they are, and the attacker's own schema ends
as every tenant's must be: the command is denied, refused by settling, or mended by it.
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from exceptions.codes import ErrorCode
from tests.attacks import DDL, DML, Effect
from tests.catalog import rows
from tests.client import Client
from tests.judgement import assert_none, leaking, misjudged
from tests.observed import told_by
from tests.server_line import ServerLine, server_line
from tests.state import changes, departures, state_of
from tests.two_tenants import TwoTenants, leaks, two_tenants

pytestmark = pytest.mark.timeout(300)  # a thousand attacks, on a busy machine


@pytest.fixture
async def tenants(client: Client, admin: asyncpg.Connection) -> TwoTenants:
    return await two_tenants(client, admin)


@pytest.fixture
async def line(database_url: str, tenants: TwoTenants) -> AsyncIterator[ServerLine]:
    uid = tenants.attacker.uid
    async with server_line(database_url, tenants.own, tenants.others, uid) as opened:
        # Whoever may change a database's structure reaches all of its rows.
        opened.minds_colleague = False
        yield opened


async def test_ddl(line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    """And the attacker's own schema ends as every tenant's must be."""
    victim, version = str(tenants.victim_id), admin.get_server_version().major
    before = await state_of(admin, *tenants.others)
    faults = []
    # Those that end the transaction leave the schema open: last.
    for name, attack in sorted(DDL.items(), key=lambda item: item[1].effect is Effect.TRANSACTION):
        sql = tenants.fill(attack.sql)
        if attack.effect is None:
            observed, left = await line.definition(sql, departures)
            found = [*leaking(observed, attack), *left]
            if version >= attack.since and observed.outcome is not attack.outcome:
                found.append(f"not {attack.outcome}")
        else:
            observed = await line.bare_definition(sql)
            found = [*leaking(observed, attack), *misjudged(observed, observed, attack, victim)]
        faults += [f"{name}: {fault}: {observed}" for fault in found]
    assert_none(faults)
    assert changes(before, await state_of(admin, *tenants.others)) == []


async def test_dml_where_ddl_is_run(
    line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    attacks = {
        name: attack
        for name, attack in DML.items()
        if attack.effect not in {Effect.IDENTITY, Effect.TRANSACTION, Effect.CONNECTION}
        and not name.startswith("transaction: ")
    }
    before = await state_of(admin, *tenants.others)
    found = await line.all_dml_as_ddl(attacks, tenants)
    faults = [
        f"{name}: {observed}"
        for name, observed in found.items()
        if leaks(observed.told) or observed.changes
    ]
    assert_none(faults)
    assert changes(before, await state_of(admin, *tenants.others)) == []


# What a foreign key's cascade makes PostgreSQL evaluate as the table's owner.
AS_THE_OWNER = {
    "rows of another, by a query": "ts_rewrite('a', 'SELECT ''a''::tsquery, (name::integer)::text"
    "::tsquery FROM @foreign@.items') IS NULL",
    "rows of another, as XML": (
        "query_to_xml('TABLE @foreign@.items', true, true, '')::text::integer > 0"
    ),
    "setting of row security": "set_config('twinbase.schema', '@foreign@', true) IS NULL",
    "role": "set_config('role', 'twinbase_service', true) IS NULL",
    "sequence of another": "nextval(@sequence_oid@::regclass) < 0",
    "sequence of another, by the service": "twinbase_functions.nextval(@sequence_oid@) < 0",
    "position of a sequence": "setval(@sequence_oid@::regclass, 99) < 0",
    "another's session": "pg_terminate_backend(@session@)",
    "large object": "lo_create(0) > 0",
    "advisory lock": "pg_advisory_lock(1) IS NULL",
    "message to the workers": "pg_notify('twinbase_databases', '1') IS NULL",
}
_MANAGED = "id bigint NOT NULL, uid varchar NOT NULL"
_PARENT = (
    f"CREATE TABLE parent (k integer UNIQUE, {_MANAGED});"
    "INSERT INTO parent VALUES (1, 1, 'app01:mallory');"
)
_CHILD = "INSERT INTO child VALUES (1, 1, 'app01:mallory');"
# Where an expression may stand so that the cascade meets it; ? is the expression.
CASCADES = {
    "check": f"{_PARENT} CREATE TABLE child"
    f" (k integer REFERENCES parent (k) ON UPDATE CASCADE, {_MANAGED}); {_CHILD}"
    "ALTER TABLE child ADD CHECK (k = 1 OR ?) NOT VALID",
    "domain's check": f"{_PARENT} CREATE DOMAIN guarded AS integer;"
    f"CREATE TABLE child (k guarded REFERENCES parent (k) ON UPDATE CASCADE, {_MANAGED}); {_CHILD}"
    "ALTER DOMAIN guarded ADD CHECK (VALUE = 1 OR ?) NOT VALID",
    "default": f"{_PARENT} CREATE TABLE child (k integer DEFAULT CASE WHEN ? THEN 0 END"
    f" REFERENCES parent (k) ON UPDATE SET DEFAULT, {_MANAGED}); {_CHILD}",
}


@pytest.mark.parametrize("cascade", CASCADES)
async def test_a_cascade_gives_nobody_the_owners_rights(
    cascade: str, line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    session = str(await admin.fetchval("SELECT pg_backend_pid()"))
    outcomes: dict[str, str] = {}

    async def update_the_parent(driver: asyncpg.Connection, _schema: str) -> list[str]:
        await line.become_tenant()
        try:
            return [repr(await driver.fetch("UPDATE parent SET k = 2 RETURNING k"))]
        except asyncpg.InsufficientPrivilegeError as error:
            return ["denied"] + ["leaks"] * leaks(told_by(error))

    before = await state_of(admin, *tenants.others)
    for attack, text in AS_THE_OWNER.items():
        sql = tenants.fill(CASCADES[cascade].replace("?", text)).replace("@session@", session)
        observed, found = await line.definition(sql, update_the_parent)
        outcomes[attack] = f"{observed.outcome} {found}"
    assert outcomes == dict.fromkeys(AS_THE_OWNER, "own ['denied']")
    assert changes(before, await state_of(admin, *tenants.others)) == []


@pytest.mark.parametrize("is_valid", [False, True])
async def test_a_clone_gives_nobody_the_services_rights(
    tenants: TwoTenants, admin: asyncpg.Connection, *, is_valid: bool
) -> None:
    """A copied row meets the checks of its columns' domains but for those that are not valid."""
    evil = tenants.fill(
        "query_to_xml('UPDATE @foreign@.items SET amount = 0', true, true, '') IS NOT NULL"
    )
    for schema in (tenants.own, tenants.others[0]):
        await admin.execute(
            f"CREATE DOMAIN {schema}.guarded AS text;"
            f"ALTER TABLE {schema}.lines ADD COLUMN g {schema}.guarded;"
            f"UPDATE {schema}.lines SET g = 'x';"
            f"ALTER DOMAIN {schema}.guarded ADD CHECK ({evil}) NOT VALID;"
            f"ALTER DOMAIN {schema}.guarded OWNER TO twinbase_owner"
        )
    await admin.execute(
        "UPDATE pg_constraint SET convalidated = $1 WHERE conname = 'guarded_check'", is_valid
    )
    others = tenants.others[1:]
    before = {schema: await rows(admin, schema) for schema in others}
    answer = await tenants.attacker.call(
        "clone_database", database_id=tenants.attacker_id, new_database_name="copy"
    )
    assert answer["code"] == (ErrorCode.CLONE_NOT_POSSIBLE if is_valid else 0), answer
    assert {schema: await rows(admin, schema) for schema in others} == before
