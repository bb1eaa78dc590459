"""``platform`` and ``api_key``: who may call the service, and for what."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from asyncpg import Connection, Record

from domain.platform import ApiKey, Identity, KnownKey, NewApiKey, Platform, Scope, scopes_in
from exceptions.errors import ApiKeyNotFound, PlatformNotFound
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries

PLATFORMS_CHANNEL = "twinbase_platforms"
"""NOTIFY says that some platform or key is not what it was."""

_SQL = queries("platforms")
_COLUMNS, _KEY_COLUMNS = _SQL["columns"], _SQL["key_columns"]
_CREATE, _MODIFY = (
    f"{_SQL[those]}\n{_COLUMNS}" for those in ("create_platform", "modify_platform")
)
_LIST, _FIND, _LOCK = (
    "\n".join(("SELECT", _COLUMNS, _SQL[those]))
    for those in ("list_platforms", "find_platform", "lock_platform")
)
_CREATE_KEY, _REVOKE = (f"{_SQL[those]}\n{_KEY_COLUMNS}" for those in ("create_key", "revoke_key"))
_LIST_KEYS = "\n".join(("SELECT", _KEY_COLUMNS, _SQL["list_keys"]))


class Platforms:
    """``driver`` is the connection of a running transaction; nothing here commits."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def create_platform(
        self, name: str, app_ids: frozenset[str] | None, scopes: frozenset[Scope]
    ) -> Platform:
        with translated():
            (row,) = await fetch(
                self._driver, _CREATE, name, _sorted_or_none(app_ids), sorted(scopes)
            )
        return _platform(row)

    async def list_platforms(self) -> list[Platform]:
        with translated():
            return [_platform(row) for row in await fetch(self._driver, _LIST)]

    async def find_platform(self, name: str) -> Platform:
        return await self._one(_FIND, name)

    async def lock_platform(self, name: str) -> Platform:
        return await self._one(_LOCK, name)

    async def modify_platform(self, changed: Platform) -> Platform:
        app_ids = _sorted_or_none(changed.app_ids)
        values = (changed.id, app_ids, sorted(changed.scopes), changed.is_active)
        with translated():
            (row,) = await fetch(self._driver, _MODIFY, *values)
            await self._tell()
        return _platform(row)

    async def create_key(
        self,
        platform: Platform,
        new: NewApiKey,
        scopes: frozenset[Scope] | None,
        expires_at: datetime | None,
    ) -> ApiKey:
        until = None if expires_at is None else expires_at.isoformat()
        values = (platform.id, new.prefix, new.hash, _sorted_or_none(scopes), until)
        with translated():
            (row,) = await fetch(self._driver, _CREATE_KEY, *values)
            await self._tell()
        return _key(row)

    async def list_keys(self, platform: Platform) -> list[ApiKey]:
        with translated():
            return [_key(row) for row in await fetch(self._driver, _LIST_KEYS, platform.id)]

    async def revoke_key(self, prefix: str) -> ApiKey:
        with translated():
            rows = await fetch(self._driver, _REVOKE, prefix)
            await self._tell()
        if not rows:
            raise ApiKeyNotFound
        return _key(rows[0])

    async def known_keys(self) -> Sequence[KnownKey]:
        with translated():
            return [_known(row) for row in await fetch(self._driver, _SQL["identities"])]

    async def clock(self) -> float:
        """PostgreSQL's, in seconds since 1970."""
        with translated():
            ((now,),) = await fetch(self._driver, _SQL["clock"])
        return float(now)

    async def has_key_for(self, scope: Scope) -> bool:
        with translated():
            ((found,),) = await fetch(self._driver, _SQL["has_key_for"], scope)
        return bool(found)

    async def mark_used(self, used: Mapping[int, float]) -> None:
        """``used``: when each key was last, by PostgreSQL's clock."""
        with translated():
            await fetch(self._driver, _SQL["mark_used"], list(used), list(used.values()))

    async def _one(self, query: str, name: str) -> Platform:
        with translated():
            rows = await fetch(self._driver, query, name)
        if not rows:
            raise PlatformNotFound
        return _platform(rows[0])

    async def _tell(self) -> None:
        await fetch(self._driver, _SQL["tell"], PLATFORMS_CHANNEL)


def _sorted_or_none(values: frozenset[str] | frozenset[Scope] | None) -> list[str] | None:
    return None if values is None else sorted(values)


def _set_or_none(values: Sequence[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _platform(row: Record) -> Platform:
    return Platform(
        id=row["id"],
        name=row["name"],
        app_ids=_set_or_none(row["app_ids"]),
        scopes=scopes_in(row["scopes"]),
        is_active=row["is_active"],
        create_at=datetime.fromisoformat(row["create_at"]),
        update_at=datetime.fromisoformat(row["update_at"]),
    )


def _key(row: Record) -> ApiKey:
    scopes = row["scopes"]
    return ApiKey(
        id=row["id"],
        platform_id=row["platform_id"],
        prefix=row["prefix"],
        scopes=None if scopes is None else scopes_in(scopes),
        create_at=datetime.fromisoformat(row["create_at"]),
        expires_at=_moment(row["expires_at"]),
        last_used_at=_moment(row["last_used_at"]),
        revoked_at=_moment(row["revoked_at"]),
    )


def _known(row: Record) -> KnownKey:
    scopes = scopes_in(row["scopes"])
    if row["scopes_of_key"] is not None:
        scopes &= scopes_in(row["scopes_of_key"])
    refusal = None
    if row["is_revoked"]:
        refusal = "The key has been revoked."
    elif not row["is_active"]:
        refusal = "The key's platform is not active."
    return KnownKey(
        hash=row["hash"],
        key_id=row["id"],
        identity=Identity(
            platform_id=row["platform_id"],
            platform_name=row["name"],
            scopes=scopes,
            app_ids=_set_or_none(row["app_ids"]),
            key_prefix=row["prefix"],
        ),
        expires_at=row["expires_at"],
        refusal=refusal,
    )
