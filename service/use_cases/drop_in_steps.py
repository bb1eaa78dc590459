from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from domain.identifiers import Identifier
from domain.ports import UnitOfWork

Transaction = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


async def drop_in_steps(
    schema: Identifier,
    unit_of_work: Transaction,
    tell: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Of a schema that nobody can reach; ``tell`` is called after each step."""
    await drop_relations(schema, unit_of_work, tell)
    async with unit_of_work() as work:
        await work.schemas.drop_rest(schema)
        await work.commit()


async def drop_relations(
    schema: Identifier,
    unit_of_work: Transaction,
    tell: Callable[[], Awaitable[None]] | None = None,
) -> None:
    more = True
    while more:
        async with unit_of_work() as work:
            more = await work.schemas.drop_some(schema)
            await work.commit()
        if tell is not None:
            await tell()
