"""The gate alone holds: row security off, every right given away (DESIGN §3, second line)."""

import asyncpg
import pytest

from tests.attacks import FOREIGN_DDL, FOREIGN_DML, REFUSALS
from tests.client import Client
from tests.state import changes, state_of
from tests.two_tenants import TwoTenants, leaks, two_tenants

# What the first line does, undone: roles may do whatever is asked of them.
OPEN_ALL = """
    DROP EVENT TRIGGER twinbase_commands;
    GRANT ALL ON DATABASE @database@ TO PUBLIC;
    GRANT ALL ON LANGUAGE sql, plpgsql TO PUBLIC;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog, twinbase TO PUBLIC;
    GRANT ALL ON ALL TABLES IN SCHEMA pg_catalog TO twinbase_dml, twinbase_ddl;
    GRANT ALL ON SCHEMA public, twinbase, @schemas@ TO twinbase_dml, twinbase_ddl;
    GRANT ALL ON ALL TABLES IN SCHEMA twinbase, @schemas@ TO twinbase_dml, twinbase_ddl;
    GRANT ALL ON ALL SEQUENCES IN SCHEMA twinbase, @schemas@ TO twinbase_dml, twinbase_ddl;
"""


@pytest.fixture
async def tenants(client: Client, admin: asyncpg.Connection) -> TwoTenants:
    made = await two_tenants(client)
    schemas = (made.own, *made.others)
    database = await admin.fetchval("SELECT quote_ident(current_database())")
    await admin.execute(
        OPEN_ALL.replace("@database@", database).replace("@schemas@", ", ".join(schemas))
    )
    for schema in schemas:
        for table in ("items", "parts", "lines"):
            await admin.execute(f"ALTER TABLE {schema}.{table} DISABLE ROW LEVEL SECURITY")
    return made


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


async def test_dml(tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    database = await admin.fetchval("SELECT quote_ident(current_database())")
    before = await state_of(admin, tenants.own, *tenants.others)
    failures = []
    for attack, text in FOREIGN_DML.items():
        sql = tenants.fill(text).replace("@database@", database)
        answer = await tenants.attacker.refused_dml(tenants.attacker_id, sql, "prod")
        if answer["code"] not in REFUSALS or leaks(answer):
            failures.append(f"{attack}: {answer}")
    assert failures == []
    assert changes(before, await state_of(admin, tenants.own, *tenants.others)) == []


async def test_ddl(tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    before = await state_of(admin, tenants.own, *tenants.others)
    failures = []
    for attack, text in FOREIGN_DDL.items():
        answer = await tenants.attacker.refused_ddl(tenants.attacker_id, tenants.fill(text))
        if answer["code"] not in REFUSALS or leaks(answer):
            failures.append(f"{attack}: {answer}")
    assert failures == []
    assert changes(before, await state_of(admin, tenants.own, *tenants.others)) == []


async def test_each_environment_is_its_own(tenants: TwoTenants) -> None:
    """Without a qualified name, a request is in its own schema, with row security or without."""
    for env, name in (("prod", "own"), ("test", "secret of mallory in test")):
        rows = await tenants.attacker.dml(tenants.attacker_id, "SELECT name FROM items", env)
        assert rows == [{"name": name}]
    own = tenants.fill("SELECT name FROM @own@.items UNION SELECT name FROM @own@.items")
    assert await tenants.attacker.dml(tenants.attacker_id, own, "prod") == [{"name": "own"}]
    answer = await tenants.attacker.refused_dml(tenants.attacker_id, own, "test")
    assert answer["code"] == 25020
