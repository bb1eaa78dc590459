from domain.identifiers import Identifier
from domain.ports import UnitOfWorkFactory


async def finish_drops(unit_of_work: UnitOfWorkFactory) -> list[Identifier]:
    """Of databases too large for one transaction, whose drop was interrupted: their schemas."""
    async with unit_of_work() as work:
        schemas = await work.databases.unfinished_drops()
    for schema in schemas:
        await drop_in_steps(schema, unit_of_work)
    return schemas


async def drop_in_steps(schema: Identifier, unit_of_work: UnitOfWorkFactory) -> None:
    more = True
    while more:
        async with unit_of_work() as work:
            more = await work.schemas.drop_some(schema)
            await work.commit()
