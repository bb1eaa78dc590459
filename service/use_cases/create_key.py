from dataclasses import dataclass
from datetime import datetime

from domain.audit import Affected, AuditedChange
from domain.platform import ApiKey, NewApiKey, Scope
from domain.ports import KeyRing, UnitOfWork, UnitOfWorkFactory
from exceptions.errors import InvalidParameter


@dataclass(frozen=True, slots=True)
class CreateKey:
    """``scopes`` None: those of the platform; ``expires_at`` None: never."""

    platform_name: str
    scopes: frozenset[Scope] | None = None
    expires_at: datetime | None = None


async def create_key(
    command: CreateKey,
    unit_of_work: UnitOfWorkFactory,
    key_ring: KeyRing,
    change: AuditedChange,
) -> tuple[ApiKey, NewApiKey]:
    """Nobody can be told of the new key's text again, so there is no idempotency key for this."""
    new = NewApiKey.make()
    async with unit_of_work(change=change) as work:
        platform = await work.platforms.find_platform(command.platform_name)
        beyond = sorted((command.scopes or frozenset()) - platform.scopes)
        if beyond:
            raise InvalidParameter(f"scopes: platform {platform.name} itself lacks {beyond[0]}")
        if command.expires_at is not None:
            await _refuse_the_past(work, command.expires_at)
        key = await work.platforms.create_key(platform, new, command.scopes, command.expires_at)
        await work.commit(about=Affected(target=key.prefix))
    key_ring.forget()
    return key, new


async def _refuse_the_past(work: UnitOfWork, expires_at: datetime) -> None:
    if expires_at.timestamp() <= await work.platforms.clock():
        raise InvalidParameter("expires_at: lies in the past, by PostgreSQL's clock")
