from domain.audit import Affected, of_no_request
from domain.platform import DEFAULT_PLATFORM, NewApiKey, Scope
from domain.ports import UnitOfWorkFactory


async def first_key(unit_of_work: UnitOfWorkFactory) -> NewApiKey | None:
    """For whoever is to administer a service that nobody has a key of; None: somebody has one."""
    new = NewApiKey.make()
    async with unit_of_work(change=of_no_request("create_key", "start-up")) as work:
        # Of several instances that start at once one makes the key.
        platform = await work.platforms.lock_platform(DEFAULT_PLATFORM)
        if await work.platforms.has_key_for(Scope.ADMIN):
            return None
        await work.platforms.create_key(platform, new, scopes=None, expires_at=None)
        await work.commit(about=Affected(target=new.prefix))
    return new
