from domain.audit import AuditedChange
from domain.platform import ApiKey
from domain.ports import KeyRing, UnitOfWorkFactory


async def revoke_key(
    prefix: str,
    unit_of_work: UnitOfWorkFactory,
    key_ring: KeyRing,
    change: AuditedChange,
) -> ApiKey:
    """For good: a key that was revoked before stays so since then."""
    async with unit_of_work(change=change) as work:
        key = await work.platforms.revoke_key(prefix)
        await work.commit(key)
    key_ring.forget()
    return key
