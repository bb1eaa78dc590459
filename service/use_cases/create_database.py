from dataclasses import dataclass

from domain.audit import Affected, AuditedChange
from domain.database import Database, NewDatabase, RowAccess
from domain.ownership import Caller
from domain.ports import UnitOfWorkFactory
from domain.quota_ports import QuotaLimits
from service.use_cases.within_quota import limits_of_caller, one_more


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    name: str
    caller: Caller
    description: str
    row_access: RowAccess = RowAccess.OWN


async def create_database(
    command: CreateDatabase,
    unit_of_work: UnitOfWorkFactory,
    limits: QuotaLimits,
    change: AuditedChange,
) -> Database:
    command.row_access.check(command.caller.space_id)
    most = await limits_of_caller(limits, command.caller, command.caller.space_id)
    new = NewDatabase(
        name=command.name,
        uid=command.caller.uid,
        description=command.description,
        space_id=command.caller.space_id,
        row_access=command.row_access,
        platform_id=command.caller.platform_id,
    )
    async with unit_of_work(change=change) as work:
        await one_more(work, most.databases)
        database = await work.databases.create_database(new)
        await work.schemas.create_database(database)
        await work.commit(database, Affected(database_id=database.id))
    return database
