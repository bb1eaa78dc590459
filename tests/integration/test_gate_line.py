"""The table of attacks with the gate alone: row security off, every right given away."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attack_answers import AttackByHttp, differences, was_refused
from tests.attacks import DDL_TABLES, DML, DML_TABLES, Attacks, Outcome, all_of
from tests.client import Client
from tests.judgement import assert_none, differ
from tests.nesting import nested_statements, on_the_server
from tests.observed import Observed
from tests.server_line import ServerLine, server_line
from tests.state import changes, state_of
from tests.two_tenants import ROWS, TwoTenants, leaks, two_tenants, without_rows

pytestmark = pytest.mark.timeout(300)  # a thousand attacks, on a busy machine

# What the first line does, undone: roles may do whatever is asked of them.
OPEN_ALL = """
    DROP EVENT TRIGGER twinbase_commands;
    GRANT ALL ON DATABASE @database@ TO PUBLIC;
    GRANT ALL ON LANGUAGE sql, plpgsql TO PUBLIC;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog, twinbase TO PUBLIC;
    GRANT ALL ON ALL TABLES IN SCHEMA pg_catalog TO @roles@;
    GRANT ALL ON SCHEMA public, twinbase, pg_toast, @schemas@ TO @roles@;
    GRANT ALL ON ALL TABLES IN SCHEMA twinbase, @schemas@ TO @roles@;
    GRANT ALL ON ALL SEQUENCES IN SCHEMA twinbase, @schemas@ TO @roles@;
"""
ROLES = "twinbase_dml, twinbase_ddl, twinbase_space, twinbase_reader"

# Not what guards the attacker's own tables: those are the first line's.
DDL = all_of({kind: DDL_TABLES[kind] for kind in ("create", "alter", "no definition", "command")})


@pytest.fixture
async def tenants(client: Client, admin: asyncpg.Connection) -> TwoTenants:
    made = await two_tenants(client, admin)
    schemas = (made.own, *made.others)
    opened = OPEN_ALL.replace("@schemas@", ", ".join(schemas)).replace("@roles@", ROLES)
    await admin.execute(made.fill(opened))
    for schema in schemas:
        for table in ROWS:
            await admin.execute(f"ALTER TABLE {schema}.{table} DISABLE ROW LEVEL SECURITY")
    return made


@pytest.fixture
def attack(tenants: TwoTenants, admin: asyncpg.Connection) -> AttackByHttp:
    return AttackByHttp(tenants, admin, minds_colleague=False)


async def test_the_first_line_is_really_down(
    tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    """Otherwise the tests below would prove nothing."""
    async with admin.transaction():
        await admin.execute("SET LOCAL ROLE twinbase_dml")
        for schema in tenants.others:
            assert await admin.fetchval(f"SELECT count(*) FROM {schema}.items") == 1
        await admin.execute(f"UPDATE {tenants.others[1]}.items SET amount = 1")
        await admin.execute("SELECT set_config('a.b', 'c', true)")
        await admin.execute(f"CREATE VIEW {tenants.own}.stolen AS SELECT 1")


async def test_dml(attack: AttackByHttp, admin: asyncpg.Connection) -> None:
    tenants = attack.tenants
    before = await state_of(admin, *tenants.others)
    answers = await attack.answers("exec_dml", DML)
    assert_none(attack.faults(answers, DML))
    assert changes(before, await state_of(admin, *tenants.others)) == []
    # Those that reached PostgreSQL may have told something by what they did not find.
    await without_rows(admin, tenants.others)
    run = {name: DML[name] for name, answer in answers.items() if not was_refused(answer)}
    assert_none(differences(answers, await attack.answers("exec_dml", run)))


async def test_ddl(attack: AttackByHttp, admin: asyncpg.Connection) -> None:
    others = attack.tenants.others[1:]  # the pair's other schema is changed by DDL as the own
    before = await state_of(admin, *others)
    answers = await attack.answers("exec_ddl", DDL)
    assert_none(attack.faults(answers, DDL))
    assert changes(before, await state_of(admin, *others)) == []


@on_the_server
@given(data=st.data())
async def test_nested(data: st.DataObject, attack: AttackByHttp) -> None:
    pair, foreign, _ = attack.tenants.others
    nested = data.draw(nested_statements(foreign, pair))
    answer = await attack.send(nested.verb, nested.sql)
    assert was_refused(answer), answer
    assert not leaks(answer)


async def test_each_environment_is_its_own(tenants: TwoTenants) -> None:
    """Without a qualified name, a request is in its own schema, with row security or without."""
    names = {"prod": ["hidden of bob", "own"], "test": ["secret of mallory in test"]}
    for env, expected in names.items():
        rows = await tenants.attacker.dml(
            tenants.attacker_id, "SELECT name FROM items ORDER BY name", env
        )
        assert [row["name"] for row in rows] == expected
    own = tenants.fill("SELECT count(*) AS n FROM @own@.items JOIN @own@.items AS i USING (id)")
    assert await tenants.attacker.dml(tenants.attacker_id, own, "prod") == [{"n": 2}]
    answer = await tenants.attacker.refused_dml(tenants.attacker_id, own, "test")
    assert answer["code"] == 25020


# With both lines down, these must get at what is another's; else they would prove nothing.
BITING: Attacks = {
    name: attack
    for kind in ("disguise", "query", "change", "change by", "error", "guess", "key")
    for name, attack in all_of({kind: DML_TABLES[kind]}).items()
    if attack.outcome not in {Outcome.FAILS, Outcome.ANY}
}
# What cannot do that, and is there for another reason.
TOOTHLESS = frozenset({"disguise: comment of another dialect"})


@pytest.fixture
async def line(database_url: str, tenants: TwoTenants) -> AsyncIterator[ServerLine]:
    uid = tenants.attacker.uid
    async with server_line(database_url, tenants.own, tenants.others, uid) as opened:
        yield opened


async def test_each_attack_bites(
    line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    version = admin.get_server_version().major
    biting = {name: one for name, one in BITING.items() if one.since <= version}
    with_rows = await line.all_dml(biting, tenants)
    await without_rows(admin, tenants.others)
    without = await line.all_dml(biting, tenants)
    toothless = {
        name
        for name, observed in with_rows.items()
        if not (bites(observed) or bites(without[name]) or differ(observed, without[name]))
    }
    assert toothless == TOOTHLESS, sorted(toothless ^ TOOTHLESS)


def bites(observed: Observed) -> bool:
    return leaks(observed.told) or bool(observed.changes)
