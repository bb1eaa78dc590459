"""Settings that say where PostgreSQL is, and as whom."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr


def _postgres_url(value: SecretStr) -> SecretStr:
    """Asyncpg's spelling of a URL; SQLAlchemy's ``+asyncpg`` is accepted and taken off."""
    scheme, separator, rest = value.get_secret_value().partition("://")
    if not separator or scheme.partition("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("must be a URL that begins with postgresql://")
    url = f"postgresql://{rest}"
    try:
        urlsplit(url).port  # noqa: B018 - raises ValueError where the port is not a number
    except ValueError:
        # What it says quotes what it takes for the port: of a password with a slash, its beginning.
        raise ValueError(
            "host or port cannot be read; in a password, write / ? # [ @ as %2F %3F %23 %5B %40"
        ) from None
    return SecretStr(url)


PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]
