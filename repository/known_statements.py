"""Statements of the service's own, which a connection describes once and then runs at one go.

For one that it has not seen, asyncpg asks the server of which types its values are, and that is a
round trip. The server keeps nothing: the text travels each time and is planned anew, as it must
be after every change of any schema; so it does not matter which session of a pooler runs it.
Tenants' statements do not come by here.
"""

import asyncpg
from asyncpg import Connection, Record

from repository.connection import PoolConnection


async def fetch(driver: Connection, query: str, *values: object) -> list[Record]:
    """``query`` is one of few, and of the same types whenever it runs."""
    if not isinstance(driver, PoolConnection):
        raise TypeError("not a connection of ours")
    known = driver.known_statements
    statement = known.get(query)
    if statement is None:
        statement = known[query] = await driver.prepare(query)
    try:
        return await statement.fetch(*values)
    except asyncpg.InternalClientError:  # a migration has changed what it answers
        del known[query]
        raise
