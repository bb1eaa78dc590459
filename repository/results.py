"""What came of a tenant's statement, as the domain tells it."""

from collections.abc import Sequence

from asyncpg import Record

from domain.gate import DmlKind
from domain.slices import in_slices
from repository.type_names import Convert


async def rows_of(
    records: Sequence[Record], converters: Sequence[tuple[int, Convert]]
) -> list[list[object]]:
    if not records:
        return []
    rows: list[list[object]] = []
    async for some in in_slices(records, len(records[0])):
        slice_ = [list(record) for record in some]
        for position, convert in converters:
            for row in slice_:
                if (value := row[position]) is not None:
                    row[position] = convert(value)
        rows += slice_
    return rows


def affected_rows(kind: DmlKind, tag: str | None) -> int:
    """PostgreSQL's command tag ends in the number: ``INSERT 0 3``, ``UPDATE 2``."""
    if kind is DmlKind.SELECT or tag is None:
        return 0
    return int(tag.rpartition(" ")[2])
