"""PostgreSQL at a start: waited for while it does not answer; what it refuses, in one line."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException

from repository.bootstrap import BootstrapError
from repository.driver_errors import DRIVER_ERRORS, UNREACHABLE

_LOG = structlog.get_logger()
_PAUSE = 0.25  # seconds
_PORT = 5432

_NOT_YET = (
    OSError,
    TimeoutError,
    asyncpg.ConnectionDoesNotExistError,  # hung up before it had answered
    asyncpg.CannotConnectNowError,  # it is starting, or recovering
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)

_ADMIN = "TWINBASE_ADMIN_URL"
_ADVICE = {
    "28": "Are user and password right? A start with TWINBASE_ADMIN_URL makes them as the URL says",
    "3D": "A start with TWINBASE_ADMIN_URL makes the database",
}
_ADVICE_TO_ADMIN = {
    "28": "Are user and password right?",
    "3D": "Any database of the server will do, such as postgres",
    "42": "It needs the rights of a superuser",
}


class NotReached(BootstrapError):
    """Which setting leads where, and what came of it."""


async def until_reachable(urls: Mapping[str, str], *, patience: float, each: float) -> None:
    """``urls`` by the names of their settings. ``each``: the longest that one attempt waits.

    Returns as soon as somebody answers, whatever he says. Raises NotReached.
    """
    deadline = monotonic() + patience
    for setting, url in urls.items():
        with said_of(setting, url, f" within {patience:g} seconds" if patience else ""):
            await _answered(setting, url, deadline, each)


async def _answered(setting: str, url: str, deadline: float, each: float) -> None:
    is_told = False
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=each, statement_cache_size=0)
        except _NOT_YET as error:
            if monotonic() >= deadline:
                raise
            if not is_told:
                is_told = True
                seconds = round(deadline - monotonic(), 1)
                reason = _reason(error)
                _LOG.warning("awaiting_postgresql", setting=setting, why=reason, seconds=seconds)
        except asyncpg.PostgresError:
            return
        else:
            await connection.close()
            return
        await asyncio.sleep(_PAUSE)


@contextmanager
def said_of(setting: str, url: str, when: str = "") -> Iterator[None]:
    """Whatever the driver raises inside leaves as NotReached, which names the setting."""
    try:
        yield
    except DRIVER_ERRORS as error:
        behind: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(behind, EmulatedDBAPIException):
            behind = behind.__cause__ or behind
        if isinstance(behind, (*UNREACHABLE, *_NOT_YET)):
            told = f"PostgreSQL does not answer at {_place(url)}{when}"
        else:
            told = f"PostgreSQL at {_place(url)} refuses"
        advice = (_ADVICE_TO_ADMIN if setting == _ADMIN else _ADVICE).get(_class_of(behind))
        sentence = f"{setting}: {told}: {_reason(behind)}"
        raise NotReached(f"{sentence}. {advice}" if advice else sentence) from error


def _class_of(error: BaseException | None) -> str:
    return str(getattr(error, "sqlstate", None) or "")[:2]


def _reason(error: BaseException | None) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _place(url: str) -> str:
    parts = urlsplit(url)
    (host,) = parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[:1]
    return f"{host} port {parts.port or _PORT}"
