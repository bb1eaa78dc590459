"""``quota``: how much somebody may have, and how much of it he has."""

from collections.abc import Iterable, Mapping

from asyncpg import Connection, Record

from domain.quota import Limit, Quota, Resource, Subject
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries

QUOTAS_CHANNEL = "twinbase_quotas"
"""NOTIFY says that some quota is not what it was."""

_SQL = queries("quotas")
_TELL = queries("platforms")["tell"]


class Quotas:
    """``driver`` is the connection of a running transaction; nothing here commits."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def quotas_of(self, platform_id: int, space_id: str | None, uid: str) -> list[Quota]:
        with translated():
            rows = await fetch(self._driver, _SQL["of_platform"], platform_id, space_id, uid)
        return _quotas([(Subject(platform_id, row["space_id"], row["uid"]), row) for row in rows])

    async def list_quotas(self, platform_id: int | None) -> list[Quota]:
        with translated():
            rows = await fetch(self._driver, _SQL["list_quotas"], platform_id)
        return _quotas(
            [(Subject(row["platform_id"], row["space_id"], row["uid"]), row) for row in rows]
        )

    async def set_quota(self, subject: Subject, changes: Mapping[Resource, int | None]) -> None:
        given = {resource: most for resource, most in changes.items() if most is not None}
        with translated():
            await fetch(
                self._driver, _SQL["set_quota"], *subject.values, list(given), list(given.values())
            )
            taken = sorted(changes.keys() - given.keys())
            await fetch(self._driver, _SQL["unset_quota"], *subject.values, taken)
            await fetch(self._driver, _TELL, QUOTAS_CHANNEL)

    async def hold(self, limit: Limit) -> None:
        whose = f"{limit.resource} {limit.subject.values!r}"
        with translated():
            await fetch(self._driver, _SQL["hold"], whose)

    async def used(self, limit: Limit) -> int:
        with translated():
            ((used,),) = await fetch(
                self._driver, _SQL[limit.resource.value], *limit.subject.values
            )
        return int(used)

    async def take_statements(self, limit: Limit, most: int, in_advance: int) -> tuple[int, float]:
        asked = (*limit.subject.values, limit.most, most, in_advance)
        with translated():
            ((granted, left),) = await fetch(self._driver, _SQL["take_statements"], *asked)
        return granted, left

    async def forget_buckets(self) -> int:
        with translated():
            return len(await fetch(self._driver, _SQL["forget_buckets"]))


def _quotas(found: Iterable[tuple[Subject, Record]]) -> list[Quota]:
    most: dict[Subject, dict[Resource, int]] = {}
    for subject, row in found:
        most.setdefault(subject, {})[Resource(row["resource"])] = row["most"]
    return [Quota(subject, each) for subject, each in most.items()]
