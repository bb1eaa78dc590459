"""Locking a database, for those who may: whoever may not must not even wait for the lock."""

from domain.database import Database
from domain.ownership import Caller, authorised
from domain.ports import UnitOfWork
from exceptions.errors import NoAuthority


def through_its_platform(database: Database, caller: Caller) -> Database:
    """Whom it is shared with uses it, and does not decide about it. Raises NoAuthority."""
    if database.platform_id != caller.platform_id:
        raise NoAuthority("Only the platform that the database belongs to may do this.")
    return database


async def locked(work: UnitOfWork, database_id: int, caller: Caller) -> Database:
    """To decide about it; asked again once it is locked, since it may have been dropped meanwhile.

    Raises DatabaseNotFound, SpaceNotFound or NoAuthority at once, DatabaseBusy only for those who
    may act.
    """
    through_its_platform(authorised(await work.databases.find(database_id), caller), caller)
    return authorised(await work.databases.lock(database_id), caller)


async def locked_to_read(work: UnitOfWork, database_id: int, caller: Caller) -> Database:
    """As ``locked``, to read what it holds."""
    authorised(await work.databases.find(database_id), caller)
    return authorised(await work.databases.lock_to_read(database_id), caller)
