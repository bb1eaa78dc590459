"""Pairs of verbs that leave nothing behind, to be called in turn."""

from benchmarks.tenant import Tenant


class CreateAndDrop:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._id = 0

    async def create(self) -> None:
        self._id = await self._tenant.create("created")

    async def drop(self) -> None:
        await self._tenant.drop(self._id)


class CloneAndDrop:
    def __init__(self, tenant: Tenant, database_id: int) -> None:
        self._tenant = tenant
        self._database_id = database_id
        self._copy = 0

    async def clone(self) -> None:
        self._copy = await self._tenant.clone(self._database_id, "copy")

    async def drop(self) -> None:
        await self._tenant.drop(self._copy)
