from domain.audit import Affected, AuditedChange
from domain.database import DatabaseStatus
from domain.ports import UnitOfWorkFactory


async def settle_again(
    database_id: int, unit_of_work: UnitOfWorkFactory, change: AuditedChange
) -> None:
    """What somebody has changed past the service, under a DDL's lock. Raises what a DDL raises."""
    async with unit_of_work(change=change) as work:
        database = await work.databases.lock(database_id)
        if database is None or database.status is not DatabaseStatus.READY:
            return
        if await work.consistency.settle_again(database):
            await work.commit(about=Affected(database_id=database_id))


async def tell_of_remedy(
    database_id: int, unit_of_work: UnitOfWorkFactory, change: AuditedChange
) -> None:
    """The audit, of what an administrator's statement has changed in the database."""
    async with unit_of_work(change=change) as work:
        await work.commit(about=Affected(database_id=database_id))
