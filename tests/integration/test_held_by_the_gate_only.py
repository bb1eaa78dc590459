"""What PostgreSQL lets tenants' roles do and only the gate keeps from them: refused, by its kind.

The table of attacks marks it, and test_server_line.py and test_server_line_ddl.py prove each mark.
None of it is a row, read or changed: it would change who one is, disturb the service, or tell names
and numbers.
"""

import asyncpg
import pytest

from exceptions.codes import ErrorCode
from tests.attacks import DDL, DML, Attacks, Effect
from tests.client import Client
from tests.judgement import assert_none
from tests.state import changes, state_of
from tests.two_tenants import TwoTenants, two_tenants

pytestmark = pytest.mark.timeout(300)  # a thousand attacks, on a busy machine

REFUSALS = frozenset({ErrorCode.NO_AUTHORITY, ErrorCode.DDL_NOT_ALLOWED, ErrorCode.DML_NOT_ALLOWED})


def held_by_the_gate_only(attacks: Attacks) -> Attacks:
    return {
        name: attack
        for name, attack in attacks.items()
        if attack.effect not in {None, Effect.INHERENT}
    }


@pytest.fixture
async def tenants(client: Client, admin: asyncpg.Connection) -> TwoTenants:
    return await two_tenants(client, admin)


async def test_dml(tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    failures = []
    before = await state_of(admin, tenants.own, *tenants.others)
    for name, attack in held_by_the_gate_only(DML).items():
        sql = tenants.fill(attack.sql)
        for request in (sql, f"SELECT 1 AS one; {sql}", f"{sql}; DELETE FROM items"):
            answer = await tenants.attacker.refused_dml(tenants.attacker_id, request, "prod")
            if answer["code"] not in REFUSALS:
                failures.append(f"{name}: {answer}")
    assert_none(failures)
    assert changes(before, await state_of(admin, tenants.own, *tenants.others)) == []


async def test_ddl(tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    failures = []
    before = await state_of(admin, tenants.own, *tenants.others)
    for name, attack in held_by_the_gate_only(DDL).items():
        sql = tenants.fill(attack.sql)
        for request in (sql, f"CREATE TABLE fine (a integer); {sql}", f"{sql}; DROP TABLE items"):
            answer = await tenants.attacker.refused_ddl(tenants.attacker_id, request)
            if answer["code"] not in REFUSALS:
                failures.append(f"{name}: {answer}")
    assert_none(failures)
    assert changes(before, await state_of(admin, tenants.own, *tenants.others)) == []
