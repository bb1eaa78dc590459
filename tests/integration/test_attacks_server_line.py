"""The table of attacks without the gate: PostgreSQL alone holds (DESIGN §3, first line).

Each runs where the service would run it, and is undone. Nothing of another's rows may be told: not
by the answer, not by an error, and not by an answer that would be another if those rows were not
there. What PostgreSQL lets tenants do all the same is marked in the table, and the mark is proved.
"""

import io
import re
from collections.abc import AsyncIterator

import asyncpg
import pytest

from domain.database import RowAccess
from tests.attacks import DDL, DML, DML_TABLES, Attack, Attacks, Effect, Outcome, all_of
from tests.client import Client
from tests.server_line import Observed, ServerLine, server_line
from tests.state import changes, departures, state_of
from tests.two_tenants import (
    TwoTenants,
    leaks,
    leaks_of_colleague,
    two_tenants,
    without_rows,
    without_rows_of_others,
)

# An answer of which some part is never the same.
_VARYING = re.compile(r"\d{10,}|\d\d:\d\d:[\d.]+|0x[0-9a-f]+")

# What is told, may be told in more than one of these ways.
_TELLING = frozenset({Effect.NAMES, Effect.NUMBERS, Effect.INHERENT})
_TOLD_BY_A_DIFFERENCE = frozenset({Effect.NUMBERS, Effect.INHERENT})

# Neither in the answer nor on the connection.
_UNSEEN = frozenset({Effect.SERVER, Effect.OWN_DATABASE, Effect.GAP})

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
    assert not faults, "\n".join(faults)


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
    assert not faults, "\n".join(faults)


async def test_gaps(line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    """A refused insert draws a number all the same; nothing else is another's afterwards."""
    for name, attack in DML.items():
        if attack.effect is Effect.GAP:
            before = await state_of(admin, *tenants.others)
            assert (await line.dml(tenants.fill(attack.sql))).outcome is Outcome.DENIED, name
            found = changes(before, await state_of(admin, *tenants.others))
            assert [change.split(": ")[1] for change in found] == ["positions"], name


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


async def test_ddl(line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    """And the attacker's own schema ends as every tenant's must be."""
    line.minds_colleague = False
    await line.look()
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
    assert not faults, "\n".join(faults)
    assert changes(before, await state_of(admin, *tenants.others)) == []


async def test_dml_where_ddl_is_run(
    line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    line.minds_colleague = False
    attacks = {
        name: attack
        for name, attack in DML.items()
        if attack.effect not in {Effect.IDENTITY, Effect.TRANSACTION, Effect.CONNECTION}
    }
    before = await state_of(admin, *tenants.others)
    found = await line.all_dml_as_ddl(attacks, tenants)
    faults = [
        f"{name}: {observed}"
        for name, observed in found.items()
        if leaks(observed.told) or observed.changes
    ]
    assert not faults, "\n".join(faults)
    assert changes(before, await state_of(admin, *tenants.others)) == []


def leaking(observed: Observed, attack: Attack) -> list[str]:
    """Of rows; nothing in the table excuses that."""
    wrong = {
        "leaks": leaks(observed.told),
        "leaks of the colleague": attack.effect not in {Effect.INHERENT, Effect.OWN_DATABASE}
        and leaks_of_colleague(observed.told),
        "changes": bool(observed.changes),
    }
    return [fault for fault, found in wrong.items() if found]


def misjudged(observed: Observed, without: Observed, attack: Attack, victim: str) -> list[str]:
    """Where the table says otherwise than it is; ``without``: where others have no rows."""
    effects = set(observed.effects)
    if victim in observed.rows:
        effects.add(Effect.NAMES)
    if differ(observed, without):
        effects |= _TOLD_BY_A_DIFFERENCE
    if attack.effect is None:
        return (
            [] if not effects and attack.outcome in {observed.outcome, Outcome.ANY} else ["not so"]
        )
    wrong = {
        "another effect": effects - _TELLING != {attack.effect} - _TELLING - _UNSEEN,
        "no difference": attack.effect in _TOLD_BY_A_DIFFERENCE - effects,
        "held by the server": not effects and observed.outcome in {Outcome.DENIED, Outcome.FAILS},
    }
    return [fault for fault, found in wrong.items() if found]


def differ(observed: Observed, without: Observed) -> bool:
    return observed.outcome != without.outcome or masked(observed) != masked(without)


def masked(observed: Observed) -> str:
    return _VARYING.sub("", observed.told)
