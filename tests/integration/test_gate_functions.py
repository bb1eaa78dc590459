"""The lists of functions against the server that the tests run on, also where it is a newer one."""

import asyncpg

from domain.gate.vocabulary import FIELD_NAMES, ROW_FUNCTIONS, function_names
from domain.gate.word_lists import refusing_group
from tests.pg_catalog_functions import (
    MAJORS,
    functions_of_rows,
    live_signatures,
    snapshot,
    unreviewed_types,
)


async def test_every_function_of_this_server_is_classified(admin: asyncpg.Connection) -> None:
    names = {signature.name for signature in await live_signatures(admin)}
    assert len(names) > 2_600
    unknown = [name for name in names - function_names() if refusing_group(name) is None]
    assert sorted(unknown) == []


async def test_the_snapshot_is_of_this_server(admin: asyncpg.Connection) -> None:
    """Of a major that the snapshot has not, the other tests say what is new."""
    major = admin.get_server_version().major
    live = {signature.text for signature in await live_signatures(admin)}
    known = {signature.text for signature in snapshot() if major in signature.majors}
    assert live == known or major not in MAJORS


async def test_this_server_gives_the_gate_no_surprise(admin: asyncpg.Connection) -> None:
    signatures = await live_signatures(admin)
    assert unreviewed_types(signatures) == set()
    assert functions_of_rows(signatures) <= ROW_FUNCTIONS
    assert not FIELD_NAMES & {signature.name for signature in signatures}
    types = await admin.fetch(
        "SELECT typname FROM pg_type WHERE typname = ANY ($1)", list(FIELD_NAMES)
    )
    assert types == []
