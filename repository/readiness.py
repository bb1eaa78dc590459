"""Whether this worker can serve: PostgreSQL answers, and its schema is this code's."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from exceptions.errors import ServiceUnavailable
from repository.driver_errors import translated

_REVISION = text("SELECT version_num FROM twinbase.alembic_version")


class PostgresReadiness:
    def __init__(self, engine: AsyncEngine, newest_revision: str) -> None:
        self._engine = engine
        self._newest_revision = newest_revision

    async def check(self) -> None:
        with translated(ServiceUnavailable):
            async with self._engine.connect() as connection:
                revision = (await connection.execute(_REVISION)).scalar_one_or_none()
        if revision != self._newest_revision:
            raise ServiceUnavailable(
                f"Schema twinbase is at revision {revision}, this service needs "
                f"{self._newest_revision}; run `make migrate`."
            )
