"""Whether a write is within its quotas of bytes: asked before it, while it runs, before it is kept.

PostgreSQL says how large the files are; to ask costs more than a light write. So it is asked the
more often the less is left: nobody writes more than FASTEST bytes a second.
"""

from dataclasses import dataclass

from domain.quota import Limit, Limits
from domain.usage import Measurement

FASTEST = 256 * 1024 * 1024
"""Bytes a second that all writers of one server write together."""

LOOKED_AT_EVERY = 0.25
"""Seconds, while a write runs."""

LONGEST_TRUST = 5.0
"""Seconds."""

_STOPPED = (
    "What was running is stopped and undone, unless it ended in the same moment. SELECT, DELETE and"
    " DROP still work."
)
_NEAR = int(FASTEST * LOOKED_AT_EVERY)
_LEAST_SLACK = 256 * 1024
_SLACK = 16  # that part of the quota


@dataclass(frozen=True, slots=True)
class Room:
    """What one of its quotas leaves a database. ``others``: bytes of it that other databases have.

    ``measured``: the database, a moment ago. ``of_all``: the quota of all databases together, if
    there is one. ``only_deletes``: what is done in it, while others may write.
    """

    database_id: int
    limit: Limit
    others: int
    measured: Measurement
    of_all: Limit | None = None
    only_deletes: bool = False

    @property
    def most(self) -> int:
        return max(0, self.limit.most - self.others)

    @property
    def left(self) -> int:
        return self.most - self.measured.bytes

    @property
    def is_near(self) -> bool:
        """Whether a single write, not yet looked at, may be too much."""
        return self.left < _NEAR

    @property
    def trusted_for(self) -> float:
        """Seconds in which nobody can use it up; 0 where it is near."""
        return 0.0 if self.is_near else min(LONGEST_TRUST, self.left / FASTEST)

    @property
    def ceiling(self) -> int:
        """What nothing may grow beyond, while it runs or by attempts that are undone.

        Files hold room that DELETE has left; so what is written to a full database may still be
        kept, and only its end tells.
        """
        return max(self.most, self.measured.bytes) + self._slack

    @property
    def _slack(self) -> int:
        return max(_LEAST_SLACK, self.most // _SLACK)

    def check_before(self) -> None:
        """Of what adds rows. Raises QuotaExceeded."""
        if self.measured.bytes > self.most + self._slack:
            raise self.limit.exceeded(self.others + self.measured.bytes)

    def check_while(self, measured: Measurement) -> None:
        """Raises QuotaExceeded."""
        if measured.bytes > self.ceiling:
            raise self.limit.exceeded(self.others + self.measured.bytes, hint=_STOPPED)

    def check_after(self, after: int) -> None:
        """``after``: bytes of the database with what was written. Raises QuotaExceeded.

        What others write meanwhile is within ``after``; it is no reason to undo a DELETE.
        """
        if after > (self.ceiling if self.only_deletes else max(self.most, self.measured.bytes)):
            added = after - self.measured.bytes
            raise self.limit.exceeded(self.others + self.measured.bytes, added)


def tightest(database_id: int, limits: Limits, others: int, measured: Measurement) -> Room:
    """Of the quotas of bytes that there are. Raises ValueError where there is none."""
    rooms = []
    if limits.bytes_per_database is not None:
        rooms.append(Room(database_id, limits.bytes_per_database, 0, measured, limits.bytes))
    if limits.bytes is not None:
        rooms.append(Room(database_id, limits.bytes, others, measured, limits.bytes))
    return min(rooms, key=lambda room: room.left)
