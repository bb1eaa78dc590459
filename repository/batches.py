"""Of a long answer, so many rows at a time."""

from collections.abc import Sequence

from asyncpg import Record

from domain.gate import DmlStatement
from repository.binding import DescribedStatement

# Of an answer longer than this, a cursor fetches so many rows at a time, and stops where bytes do.
_BATCH = 1_000


def may_be_long(statement: DmlStatement, most: int) -> bool:
    if not statement.limit.explicit:
        return False
    rows = statement.limit.rows
    return rows is None or rows > min(_BATCH, most)


async def in_batches(
    described: DescribedStatement, arguments: Sequence[object], most: int
) -> list[Record]:
    cursor = await described.query.cursor(*arguments)
    records: list[Record] = []
    while len(records) < most:
        wanted = min(_BATCH, most - len(records))
        batch = await cursor.fetch(wanted)
        records += batch
        if len(batch) < wanted:
            break
    return records
