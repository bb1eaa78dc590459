"""Locking a database, for those who may: whoever may not must not even wait for the lock."""

from domain.database import Database
from domain.ownership import Caller, authorised
from domain.ports import UnitOfWork


async def locked(work: UnitOfWork, database_id: int, caller: Caller) -> Database:
    """To change it; asked again once it is locked, since it may have been dropped meanwhile.

    Raises DatabaseNotFound or SpaceNotFound at once, DatabaseBusy only for those who may act.
    """
    authorised(await work.databases.find(database_id), caller)
    return authorised(await work.databases.lock(database_id), caller)


async def locked_to_read(work: UnitOfWork, database_id: int, caller: Caller) -> Database:
    """As ``locked``, to read what it holds."""
    authorised(await work.databases.find(database_id), caller)
    return authorised(await work.databases.lock_to_read(database_id), caller)
