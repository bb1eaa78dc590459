from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from domain.ports import UnitOfWork, UnitOfWorkFactory
from domain.timeouts import Timeouts
from domain.usage import UsageScope
from exceptions.errors import DatabaseBusy

PATIENCE = Timeouts(statement=10_000, lock=100)  # milliseconds, for whoever has locked a table
NEVER = timedelta(days=36_500)


async def measure_usage(
    scope: UsageScope, older_than: timedelta, most: int, unit_of_work: UnitOfWorkFactory
) -> int:
    """Of databases that were not measured for so long, at most so many; how many there were."""
    async with unit_of_work() as work:
        database_ids = await work.usage.to_measure(scope, older_than, most)
    for database_id in database_ids:
        with suppress(DatabaseBusy):  # it is as it was measured before
            async with unit_of_work(timeouts=PATIENCE, lasting=False) as work:
                await _measure(work, database_id)
                await work.commit()
    return len(database_ids)


async def _measure(work: UnitOfWork, database_id: int) -> None:
    database = await work.databases.find(database_id)
    if database is not None:
        schemas = list(database.schemas.values())
        measured = await work.usage.measure(schemas)
        rows = await work.usage.count_rows(schemas, measured)
        await work.usage.save(database, replace(measured, rows=rows))
