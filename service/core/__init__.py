"""The database core for scripts and batches: the verbs, without a web framework.

    async with twinbase_core() as core:
        database = await core.create_database("ann", "shop")
        await core.exec_ddl("ann", database.id, "CREATE TABLE items (name TEXT)")

Each method is the verb of its name: the same fields and rules, and its errors are raised.
Idempotency keys are for those whose answers may be lost on the way; scopes for those who send keys.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from domain.platform import ANYBODY, EVERY_SCOPE, Identity, Platform
from repository.migrations import current_revision, migrate_up
from service.core.administration import AdministrationVerbs
from service.core.databases import DatabaseVerbs, OperationVerbs
from service.core.statements import StatementVerbs
from service.lifespan import open_state
from service.logs import configure_events
from service.settings import Settings
from service.start_up import prepared_engine, reachable_database, refuse_other_versions
from service.use_cases.whosever import database_of_whosever, operation_of_whosever

__all__ = ["Core", "twinbase_core"]


class Core(DatabaseVerbs, OperationVerbs, StatementVerbs, AdministrationVerbs):
    """Acts for one platform, whose uids are meant; whoever holds it may do all that the platform
    may, and administer the service.
    """

    async def owner_of(self, database_id: int) -> tuple["Core", str]:
        """To act for the owner of any database, as administrators may: on his platform, his uid.

        Raises DatabaseNotFound.
        """
        database = await database_of_whosever(database_id, self._opened["unit_of_work"])
        return await self._acting_for(database.platform_id), database.uid

    async def asker_of(self, operation_id: int) -> tuple["Core", str]:
        """As ``owner_of``, of who has begun an operation. Raises OperationNotFound."""
        operation = await operation_of_whosever(operation_id, self._opened["unit_of_work"])
        return await self._acting_for(operation.platform_id), operation.uid

    async def of_platform(self, platform_name: str) -> "Core":
        """The same core, acting for another platform. Raises PlatformNotFound."""
        async with self._opened["unit_of_work"]() as work:
            return self._on(await work.platforms.find_platform(platform_name))

    async def _acting_for(self, platform_id: int) -> "Core":
        (platform,) = [each for each in await self.list_platforms() if each.id == platform_id]
        return self._on(platform)

    def _on(self, platform: Platform) -> "Core":
        identity = Identity(platform.id, platform.name, EVERY_SCOPE)
        return Core(self._opened, identity, self._acting, self._uid)


@asynccontextmanager
async def twinbase_core(
    settings: Settings | None = None,
    *,
    acting: str = "core",
    uid: str | None = None,
    runs_operations: bool = True,
) -> AsyncIterator[Core]:
    """On the PostgreSQL of the settings, those of the environment where none are given.

    An empty database is made ready; one of another version is refused, since a service may be
    running on it. ``acting``, ``uid``: what the audit tells of changes; the uid, of those that
    nobody asks for himself. ``runs_operations``: as a worker of the service does, whoever began
    them; without it, what is begun here waits for one. Raises StartError, BootstrapError,
    EmbeddedServerError, MigrationError and the driver's errors.
    """
    settings = settings or Settings()
    if not structlog.is_configured():  # a script's own output is its business
        configure_events("warning", settings.log_format)
    with reachable_database(settings) as reachable:
        async with prepared_engine(reachable) as engine:
            if await current_revision(engine) is None:
                await migrate_up(engine)
            await refuse_other_versions(engine)
        async with open_state(reachable, runs_operations=runs_operations) as opened:
            yield Core(opened, ANYBODY, acting, uid)
