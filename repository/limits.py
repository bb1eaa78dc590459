"""Quotas that hold for whom, without asking PostgreSQL; told of changes elsewhere."""

from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType

from domain.figures import CacheFigures
from domain.ports import UnitOfWorkFactory
from domain.quota import Limits, Resource, Subject, limits_of
from repository.own_session import OwnSession
from repository.quotas import QUOTAS_CHANNEL

_Whose = tuple[int, str | None, str]


class CachedLimits:
    """Knows what it may remember as long as ``session`` hears of changes."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        session: OwnSession,
        default: Mapping[Resource, int],
        *,
        most: int,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._session = session
        self.default = default
        self._most = most
        self._seen: OrderedDict[_Whose, Limits] = OrderedDict()
        self._figures = CacheFigures()
        self._told = 0  # grows with every message, so that a read begun before one is not kept
        session.hear(QUOTAS_CHANNEL, lambda _message: self.forget(), self.forget)

    async def of(self, platform_id: int, space_id: str | None, uid: str) -> Limits:
        whose = (platform_id, space_id, uid)
        limits = self._seen.get(whose)
        if limits is not None:
            self._seen.move_to_end(whose)
            self._figures.hits += 1
            return limits
        self._figures.misses += 1
        told = self._told
        async with self._unit_of_work() as work:
            quotas = await work.quotas.quotas_of(*whose)
        limits = limits_of(Subject(*whose), quotas, self.default)
        if self._session.is_open and told == self._told:
            self._seen[whose] = limits
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return limits

    @property
    def figures(self) -> CacheFigures:
        self._figures.entries = len(self._seen)
        return self._figures

    def forget(self) -> None:
        self._told += 1
        self._seen.clear()


class NoLimits:
    """Of a process that serves nobody; all workers are told by PostgreSQL."""

    default: Mapping[Resource, int] = MappingProxyType({})

    async def of(self, _platform_id: int, _space_id: str | None, _uid: str) -> Limits:
        return Limits()

    def forget(self) -> None:
        pass
