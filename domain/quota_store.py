"""What a transaction of the service's own offers of quotas, as ``domain.stores`` of all else."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Protocol

from domain.database import Database
from domain.identifiers import Identifier
from domain.quota import Limit, Quota, Resource, Subject
from domain.usage import Measurement, UsageBy, UsageReport, UsageScope


class QuotaStore(Protocol):
    """What was set, and what it is held against."""

    async def quotas_of(self, platform_id: int, space_id: str | None, uid: str) -> list[Quota]:
        """Those that could hold for somebody who acts for this space."""

    async def list_quotas(self, platform_id: int | None) -> list[Quota]:
        """None: of all platforms."""

    async def set_quota(self, subject: Subject, changes: Mapping[Resource, int | None]) -> None:
        """None: it is as above the subject again. What is not named stays."""

    async def hold(self, limit: Limit) -> int:
        """As ``used``, and nobody else adds one until this transaction ends.

        Raises DatabaseBusy.
        """

    async def used(self, limit: Limit) -> int:
        """Databases, operations or bytes, as last measured, that count for it."""

    async def take_statements(self, limit: Limit, most: int, in_advance: int) -> tuple[int, float]:
        """How many are granted, at most so many; and what is left, below zero where owed.

        ``in_advance``: were run already.
        """

    async def forget_buckets(self) -> int: ...


class UsageStore(Protocol):
    async def measure(self, schemas: Iterable[Identifier]) -> Measurement:
        """With what this transaction has made. Waits for whoever has locked a table."""

    async def measure_past_locks(
        self, schemas: Iterable[Identifier], known: Mapping[int, int]
    ) -> Measurement:
        """What others have locked is as large as ``known``, by oid, or as last vacuumed."""

    async def count_rows(self, schemas: Iterable[Identifier], measured: Measurement) -> int:
        """Counted where that is quick, else as ``measured``.

        Raises DatabaseBusy where tables are not as they were, or cannot be counted.
        """

    async def changed_relations(self) -> frozenset[int]:
        """Those that this transaction has locked against others' changes."""

    async def save(self, database: Database, measured: Measurement) -> None: ...

    async def bytes_of(self, subject: Subject, but: Database | None = None) -> tuple[int, bool]:
        """Of all its databases ``but`` one; and whether each of them was ever measured."""

    async def to_measure(self, scope: UsageScope, age: timedelta, most: int) -> list[int]:
        """Ids of databases that were not measured for so long, the longest first."""

    async def get_usage(self, scope: UsageScope, by: UsageBy, limit: int) -> UsageReport:
        """As last measured."""

    async def forget_dropped(self) -> int: ...
