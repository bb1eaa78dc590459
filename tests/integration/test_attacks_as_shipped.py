"""The table of attacks through HTTP, both lines on: nothing of others is told or changed.

Not even by a difference: where others have nothing, every attack is answered the same.
"""

import asyncpg
import pytest

from tests.attack_answers import AttackByHttp, differences, of_others, was_refused
from tests.attacks import DDL, DML, NO_DEFINITIONS, Attacks, Effect
from tests.client import Client
from tests.judgement import assert_none
from tests.state import changes, departures, state_of
from tests.two_tenants import (
    TwoTenants,
    leaks_of_colleague,
    two_tenants,
    without_rows,
    without_rows_of_colleague,
)

pytestmark = pytest.mark.timeout(300)  # a thousand attacks, on a busy machine


@pytest.fixture
async def tenants(client: Client, admin: asyncpg.Connection) -> TwoTenants:
    return await two_tenants(client, admin)


@pytest.fixture
def attack(tenants: TwoTenants, admin: asyncpg.Connection) -> AttackByHttp:
    return AttackByHttp(tenants, admin, minds_colleague=True)


async def test_dml(attack: AttackByHttp, admin: asyncpg.Connection) -> None:
    tenants = attack.tenants
    before = await state_of(admin, *tenants.others)
    answers = await attack.answers("exec_dml", DML)
    assert_none(attack.faults(answers, DML))
    assert changes(before, await state_of(admin, *tenants.others)) == []

    # A plan repeats the constants of its statement, so these must not be a colleague's.
    run = {name: DML[name] for name, answer in answers.items() if not was_refused(answer)}
    explained = {name: one for name, one in run.items() if not leaks_of_colleague(one.sql)}
    plans = await attack.answers("explain_dml", explained)
    assert_none(attack.faults(plans, explained))

    await tenants.victim.done("drop_database", database_id=tenants.victim_id)
    await without_rows(admin, tenants.others[:1])
    await without_rows_of_colleague(admin, tenants)
    blind: Attacks = {name: one for name, one in DML.items() if one.effect is not Effect.INHERENT}
    assert_none(differences(answers, await attack.answers("exec_dml", blind)))


async def test_ddl(attack: AttackByHttp, admin: asyncpg.Connection) -> None:
    tenants = attack.tenants
    others = tenants.others[1:]  # the pair's other schema is changed by DDL as the own
    before = of_others(await state_of(admin, *others), tenants)
    answers = await attack.answers("exec_ddl", DDL)
    assert_none(attack.faults(answers, DDL))
    assert changes(before, of_others(await state_of(admin, *others), tenants)) == []
    for schema in (tenants.own, tenants.others[0]):
        assert await departures(admin, schema) == []

    await tenants.victim.done("drop_database", database_id=tenants.victim_id)
    refused = {name: DDL[name] for name, answer in answers.items() if answer["code"] != 0}
    assert_none(differences(answers, await attack.answers("exec_ddl", refused)))


async def test_the_wrong_verb(attack: AttackByHttp, admin: asyncpg.Connection) -> None:
    tenants = attack.tenants
    before = await state_of(admin, *tenants.others)
    for verb, attacks in (("exec_ddl", NO_DEFINITIONS), ("exec_dml", DDL)):
        answers = await attack.answers(verb, attacks)
        assert_none(attack.faults(answers, attacks))
    assert changes(before, await state_of(admin, *tenants.others)) == []
