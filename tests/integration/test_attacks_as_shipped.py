"""The table of attacks through HTTP, both lines on: nothing of others is told or changed.

Not even by a difference: where others have nothing, every attack is answered the same.
"""

import asyncpg
import pytest

from tests.attack_answers import AttackByHttp, differences
from tests.attacks import DDL, DML, NO_DEFINITIONS, Attacks, Effect
from tests.client import Client
from tests.state import changes, departures, state_of
from tests.two_tenants import (
    TwoTenants,
    two_tenants,
    without_rows,
    without_rows_of_colleague,
)


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
    assert not (faults := attack.faults(answers, DML)), "\n".join(faults)
    assert changes(before, await state_of(admin, *tenants.others)) == []

    await tenants.victim.done("drop_database", database_id=tenants.victim_id)
    await without_rows(admin, tenants.others[:1])
    await without_rows_of_colleague(admin, tenants)
    blind: Attacks = {name: one for name, one in DML.items() if one.effect is not Effect.INHERENT}
    assert not (faults := differences(answers, await attack.answers("exec_dml", blind))), "\n".join(
        faults
    )


async def test_ddl(attack: AttackByHttp, admin: asyncpg.Connection) -> None:
    tenants = attack.tenants
    others = tenants.others[1:]  # the pair's other schema is changed by DDL as the own
    before = await state_of(admin, *others)
    answers = await attack.answers("exec_ddl", DDL)
    assert not (faults := attack.faults(answers, DDL)), "\n".join(faults)
    assert changes(before, await state_of(admin, *others)) == []
    for schema in (tenants.own, tenants.others[0]):
        assert await departures(admin, schema) == []

    await tenants.victim.done("drop_database", database_id=tenants.victim_id)
    refused = {name: DDL[name] for name, answer in answers.items() if answer["code"] != 0}
    assert not (faults := differences(answers, await attack.answers("exec_ddl", refused))), (
        "\n".join(faults)
    )


async def test_the_wrong_verb(attack: AttackByHttp, admin: asyncpg.Connection) -> None:
    """What is for one verb is sent to the other, and a plan is asked for instead of the rows."""
    tenants = attack.tenants
    before = await state_of(admin, *tenants.others)
    for verb, attacks in (("exec_ddl", NO_DEFINITIONS), ("exec_dml", DDL), ("explain_dml", DML)):
        answers = await attack.answers(verb, attacks)
        assert not (faults := attack.faults(answers, attacks)), "\n".join(faults)
    assert changes(before, await state_of(admin, *tenants.others)) == []
