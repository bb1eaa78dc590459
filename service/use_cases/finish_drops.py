from domain.ports import UnitOfWorkFactory
from service.use_cases.drop_in_steps import drop_in_steps


async def finish_drops(unit_of_work: UnitOfWorkFactory) -> int:
    """Of databases too large for one transaction, whose drop was interrupted: how many schemas."""
    async with unit_of_work() as work:
        schemas = await work.databases.unfinished_drops()
    for schema in schemas:
        await drop_in_steps(schema, unit_of_work)
    return len(schemas)
