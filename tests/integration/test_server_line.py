"""Tenants' DML without the gate: PostgreSQL alone holds (DESIGN §3, first line).

Each attack of the table runs where the service would run it, and is undone. Nothing of another's
rows may be told: not by the answer, not by an error, and not by an answer that would be another if
those rows were not there. What PostgreSQL lets tenants do all the same is marked in the table, and
the mark is proved: test_held_by_the_gate_only.py says what becomes of it.
"""

import io
from collections.abc import AsyncIterator

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.database import RowAccess
from tests.attacks import DML, DML_TABLES, Attacks, Effect, Outcome, all_of
from tests.client import Client
from tests.judgement import assert_none, differ, leaking, misjudged
from tests.nesting import nested_statements, on_the_server
from tests.server_line import ServerLine, server_line
from tests.state import changes, state_of
from tests.two_tenants import (
    TwoTenants,
    leaks,
    leaks_of_colleague,
    two_tenants,
    without_rows,
    without_rows_of_others,
)

pytestmark = pytest.mark.timeout(300)  # a thousand attacks, on a busy machine

# The tables of attacks that are about rows, and not about who one is and what is there.
_ABOUT_ROWS = (
    "disguise", "query", "colleague", "change", "change by", "owner", "error", "guess", "key",
)  # fmt: skip


@pytest.fixture
async def tenants(client: Client, admin: asyncpg.Connection) -> TwoTenants:
    return await two_tenants(client, admin)


@pytest.fixture
async def line(database_url: str, tenants: TwoTenants) -> AsyncIterator[ServerLine]:
    uid = tenants.attacker.uid
    async with server_line(database_url, tenants.own, tenants.others, uid) as opened:
        # SQL with another's values has been on this very connection before.
        await opened.driver.fetch(
            tenants.fill("SELECT 'secret of a statement' FROM @foreign@.items")
        )
        yield opened


def without_gaps(attacks: Attacks) -> Attacks:
    return {name: one for name, one in attacks.items() if one.effect is not Effect.GAP}


async def test_dml(line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    attacks = without_gaps(DML)
    before = await state_of(admin, *tenants.others)
    found = await line.all_dml(attacks, tenants)
    assert changes(before, await state_of(admin, *tenants.others)) == []
    await without_rows_of_others(admin, tenants)
    without = await line.all_dml(attacks, tenants)
    victim, version = str(tenants.victim_id), admin.get_server_version().major
    faults = [
        f"{name}: {fault}: {found[name]}"
        for name, attack in attacks.items()
        for fault in (
            *leaking(found[name], attack),
            *(
                misjudged(found[name], without[name], attack, victim)
                if version >= attack.since
                else ()
            ),
        )
    ]
    assert_none(faults)


@pytest.mark.parametrize("rows", [RowAccess.SPACE, RowAccess.READ_ONLY])
async def test_dml_on_all_rows_of_the_own_schema(
    rows: RowAccess, line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    """A colleague's rows are the caller's to read, too; others' are as far away as ever."""
    line.rows, line.minds_colleague = rows, False
    attacks = without_gaps(all_of({kind: DML_TABLES[kind] for kind in _ABOUT_ROWS}))
    before = await state_of(admin, *tenants.others)
    found = await line.all_dml(attacks, tenants)
    assert changes(before, await state_of(admin, *tenants.others)) == []
    await without_rows(admin, tenants.others)
    without = await line.all_dml(attacks, tenants)
    faults = [
        f"{name}: {found[name]} -> {without[name]}"
        for name, attack in attacks.items()
        if attack.effect is None
        and (leaks(found[name].told) or found[name].changes or differ(found[name], without[name]))
    ]
    assert_none(faults)


async def test_gaps(line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    """A refused insert draws a number all the same; nothing else is another's afterwards."""
    for name, attack in DML.items():
        if attack.effect is Effect.GAP:
            before = await state_of(admin, *tenants.others)
            assert (await line.dml(tenants.fill(attack.sql))).outcome is Outcome.DENIED, name
            found = changes(before, await state_of(admin, *tenants.others))
            assert [change.split(": ")[1] for change in found] == ["positions"], name


@on_the_server
@given(data=st.data())
async def test_nested(data: st.DataObject, line: ServerLine, tenants: TwoTenants) -> None:
    """However deep a foreign name stands, there is nothing behind it."""
    pair, foreign, _ = tenants.others
    nested = data.draw(nested_statements(foreign, pair))
    observed = await line.dml(nested.sql)
    assert not leaks(observed.told)
    assert not leaks_of_colleague(observed.told)
    assert observed.changes == ()


async def test_copy(line: ServerLine, tenants: TwoTenants) -> None:
    """COPY reads what SELECT reads; it does not write where there is row security."""
    foreign = tenants.others[1]
    output = io.BytesIO()
    async with line.transaction() as driver:
        await driver.copy_from_table("items", schema_name=foreign, output=output)
        await driver.copy_from_query(f'TABLE "{foreign}".items', output=output)
    assert output.getvalue() == b""
    for schema in (foreign, tenants.own):
        with pytest.raises(asyncpg.FeatureNotSupportedError):
            async with line.transaction() as driver:
                await driver.copy_records_to_table(
                    "items", schema_name=schema, columns=["name"], records=[("x",)]
                )
