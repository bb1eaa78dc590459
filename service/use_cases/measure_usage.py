from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from domain.ports import UnitOfWorkFactory
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
        try:
            await _measure(database_id, unit_of_work, counted=True)
        except DatabaseBusy:
            with suppress(DatabaseBusy):  # else it is as it was measured before
                await _measure(database_id, unit_of_work, counted=False)
    return len(database_ids)


async def _measure(database_id: int, unit_of_work: UnitOfWorkFactory, *, counted: bool) -> None:
    """``counted``: its rows, where that is quick; else as PostgreSQL estimates them."""
    async with unit_of_work(timeouts=PATIENCE, lasting=False) as work:
        database = await work.databases.find(database_id)
        if database is None:
            return
        schemas = list(database.schemas.values())
        measured = await work.usage.measure(schemas)
        if counted:
            rows = await work.usage.count_rows(schemas, measured)
            measured = replace(measured, rows=rows)
        await work.usage.save(database, measured)
        await work.commit()
