"""What holding changes against quotas needs of the outside, as ``domain.ports`` of all else."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from domain.database import Database
from domain.identifiers import Identifier
from domain.quota import Limits, Resource
from domain.storage import Room
from domain.usage import Measurement


class QuotaLimits(Protocol):
    @property
    def default(self) -> Mapping[Resource, int]:
        """For each uid where no quota is set."""

    async def of(self, platform_id: int, space_id: str | None, uid: str) -> Limits:
        """What holds for somebody who acts for this space."""

    def forget(self) -> None:
        """What it knows: a quota has been changed here."""


class StatementQuota(Protocol):
    """Of statements per second and at a time, across all workers."""

    def __call__(self, limits: Limits) -> AbstractAsyncContextManager[None]:
        """Around one request. Raises RateExceeded, ConcurrencyExceeded."""

    def charge(self, limits: Limits, statements: int) -> None:
        """Beside the one that each request is counted as; whoever comes next waits for them."""


class Storage(Protocol):
    """Of quotas of bytes, as they are written."""

    async def room(self, database: Database, limits: Limits) -> Room:
        """Of limits with a quota of bytes; measured so lately that nobody can have used it up."""

    async def measure(self, database: Database) -> Measurement: ...

    def written(self, database: Database) -> None:
        """Its bytes may be others than they were: other databases of a quota want to know."""

    def reclaim(self, database: Database) -> None:
        """What was deleted is to be room again, soon."""


class Vacuum(Protocol):
    async def vacuum(self, schemas: Sequence[Identifier]) -> None: ...
