"""Which platform a request comes from, and whether it may do what it asks for."""

from starlette.types import Scope as Connection

from api.headers import header
from domain.platform import Identity, Scope
from domain.ports import KeyRing
from exceptions.errors import AppNotAllowed, ScopeMissing, Unauthenticated

CONSUMER = "X-Consumer-Username"
"""The application, as a gateway before the service names it."""

_CONSUMER = CONSUMER.lower().encode()
_BEARER = b"bearer"


async def authenticated(connection: Connection, keys: KeyRing) -> Identity:
    """Raises Unauthenticated."""
    return await keys.identity(_key_in(connection))


def check_allowed(identity: Identity, needed: Scope, connection: Connection) -> None:
    """Raises ScopeMissing, AppNotAllowed; before anything of the body is read."""
    check_scope(identity, needed)
    if identity.app_ids is not None:
        check_app(identity, consumer_of(connection))


def consumer_of(connection: Connection) -> str | None:
    consumer = header(connection, _CONSUMER)
    return None if consumer is None else consumer.decode("latin-1")


def check_scope(identity: Identity, needed: Scope) -> None:
    if needed not in identity.scopes:
        raise ScopeMissing(f"This needs the scope {needed}, which the key has not got.")


def check_app(identity: Identity, app_id: str | None) -> None:
    """``app_id`` None: none was named."""
    allowed = identity.app_ids
    if allowed is not None and app_id is not None and app_id not in allowed:
        raise AppNotAllowed


def platform_asked(identity: Identity, platform_name: str | None) -> str | None:
    """The platform whose figures are asked for; None: all. Raises ScopeMissing for another's."""
    if Scope.ADMIN in identity.scopes:
        return platform_name
    if platform_name not in {None, identity.platform_name}:
        raise ScopeMissing(f"Another platform's figures need the scope {Scope.ADMIN}.")
    return identity.platform_name


def _key_in(connection: Connection) -> bytes | None:
    """Clients in the field write a dollar sign before the key."""
    bearer = None
    authorization = header(connection, b"authorization")
    if authorization is not None:
        scheme, _, bearer = authorization.partition(b" ")
        if scheme.lower() != _BEARER:
            raise Unauthenticated("The header Authorization must say: Bearer <key>.")
        bearer = bearer.strip().removeprefix(b"$")
    key = header(connection, b"x-api-key")
    if key is None or key == bearer:
        return bearer
    if bearer is not None:
        raise Unauthenticated("The headers Authorization and X-Api-Key hold different keys.")
    return key
