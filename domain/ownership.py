"""The rule of platform, uid and space, once."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from domain.platform import DEFAULT_PLATFORM_ID
from exceptions.errors import DatabaseNotFound, DatabaseNotReady, SpaceNotFound

Owner = tuple[int, str]
"""A platform's id, and a uid of that platform."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and for which space; ``space_id`` None means for himself.

    A uid and a space are their platform's: the same words on another one mean somebody else.
    """

    uid: str
    space_id: str | None = None
    platform_id: int = DEFAULT_PLATFORM_ID


@dataclass(frozen=True, slots=True)
class RowOwner:
    """Whose rows a statement reads and writes: an application acting for a user."""

    uid: str
    app_id: str

    @property
    def stamp(self) -> str:
        """What the service stores in a new row's ``uid``."""
        return f"{self.app_id}:{self.uid}" if self.app_id else self.uid


class Owned(Protocol):
    @property
    def platform_id(self) -> int: ...
    @property
    def shared_with(self) -> frozenset[int]: ...
    @property
    def uid(self) -> str: ...
    @property
    def space_id(self) -> str | None: ...
    @property
    def is_ready(self) -> bool: ...


OwnedDatabase = TypeVar("OwnedDatabase", bound=Owned)


def authorised(database: OwnedDatabase | None, caller: Caller) -> OwnedDatabase:
    """The database, if the caller may act on it.

    Who names a space acts for it; otherwise only the owner may; both only through the database's
    platform, or one that it is shared with. A database that does not exist and one that is someone
    else's raise the same error. Raises DatabaseNotReady only to those who may act.
    """
    if database is not None and caller.platform_id != database.platform_id:
        database = database if caller.platform_id in database.shared_with else None
    if caller.space_id is not None:
        if database is None or database.space_id != caller.space_id:
            raise SpaceNotFound
    elif database is None or database.uid != caller.uid:
        raise DatabaseNotFound
    if not database.is_ready:
        raise DatabaseNotReady
    return database
