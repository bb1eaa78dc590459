"""Several statements of ours, which wait for the server once."""

from collections.abc import Iterable

from asyncpg import Connection


async def in_one_message(driver: Connection, statements: Iterable[str]) -> None:
    """Or in none, where there are none: asyncpg cannot take the answer to nothing."""
    if batch := ";".join(statements):
        await driver.execute(batch)
