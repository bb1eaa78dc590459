"""What this worker knows of itself, for get_health and /readyz: pools, turns, sessions, disk."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.figures import PoolFigures, TurnFigures
from domain.health import HealthProbe, Part, Status
from repository.health import PostgresHealth
from repository.migrations import known_revisions, newest_revision
from repository.readiness import PostgresReadiness, readiness
from service.embedded_server.room import RoomOnDisk, room_of, serves
from service.measuring import Measured
from service.settings import PREFIX, Settings
from service.settings_that_hurt import settings_that_hurt
from service.version import VERSION

_LONGEST_WAIT = 3.0  # seconds
_LITTLE = 4  # times what must be free
_LITTLE_PART = 0.05


def readiness_of(
    settings: Settings, engine: AsyncEngine
) -> AbstractAsyncContextManager[PostgresReadiness]:
    return readiness(
        engine,
        newest_revision(),
        known_revisions(),
        room=Disk(settings).shortage,
        exhausted_after=settings.pool_timeout,
    )


def health_of(settings: Settings, measured: Measured, url: str) -> Sequence[HealthProbe]:
    """``url`` leads to PostgreSQL itself."""
    hurting = [finding.subject for finding in settings_that_hurt(settings)]
    postgresql = PostgresHealth(
        url,
        newest_revision(),
        known_revisions(),
        settings=hurting,
        longest_wait=_LONGEST_WAIT,
    )
    return [_Worker(settings, measured), postgresql]


class Disk:
    """Of the embedded server; another one's is not ours to look at."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data_dir
        self._least = settings.least_free_bytes
        url = settings.database_url
        self._is_ours = url is not None and serves(self._folder, url.get_secret_value())

    def room(self) -> RoomOnDisk | None:
        """None: not ours, or nobody can tell."""
        try:
            return room_of(self._folder) if self._is_ours else None
        except OSError:
            return None

    def shortage(self) -> str | None:
        room = self.room()
        if room is None or room.free >= self._least:
            return None
        return (
            f"The disk of the embedded server is nearly full: {room}, fewer bytes than"
            f" {PREFIX}LEAST_FREE_BYTES={self._least}; make room where {PREFIX}DATA_DIR is."
        )

    def part(self) -> Sequence[Part]:
        room = self.room()
        if room is None:
            return []
        facts = {"free_bytes": room.free, "total_bytes": room.total}
        advice = f"make room where {PREFIX}DATA_DIR is: at {self._least} bytes nothing is served"
        if room.free < self._least:
            return [Part("disk", Status.FAILING, advice, facts)]
        if room.free < max(_LITTLE * self._least, _LITTLE_PART * room.total):
            return [Part("disk", Status.DEGRADED, advice, facts)]
        return [Part("disk", facts=facts)]


class _Worker:
    def __init__(self, settings: Settings, measured: Measured) -> None:
        self._settings = settings
        self._measured = measured
        self._disk = Disk(settings)
        self._began = monotonic()

    async def __call__(self) -> Sequence[Part]:
        seen = self._measured
        return [
            self._process(),
            *(_pool(name, figures()) for name, figures in seen.pools.items()),
            *(_turns(name, figures()) for name, figures in seen.turns.items()),
            _listening(seen),
            _operations(seen),
            _sweeps(seen),
            *self._disk.part(),
        ]

    def _process(self) -> Part:
        facts = {
            "version": VERSION,
            "pid": os.getpid(),
            "uptime_seconds": round(monotonic() - self._began),
            "workers": self._settings.workers,
            "instances": self._settings.instances,
        }
        return Part("worker", facts=facts)


def _pool(name: str, figures: PoolFigures) -> Part:
    facts = {
        "size": figures.most,
        "in_use": figures.in_use,
        "idle": figures.idle,
        "waiting": figures.waiting,
    }
    if figures.waiting and figures.in_use >= figures.most:
        advice = (
            "all of them are in use: doctor tells of transactions that do not end, list_operations"
            f" of clones; or raise {PREFIX}DATABASE_CONNECTIONS"
        )
        return Part(f"pool {name}", Status.DEGRADED, advice, facts)
    return Part(f"pool {name}", facts=facts)


def _turns(name: str, figures: TurnFigures) -> Part:
    facts = {"most": figures.most, "taken": figures.taken, "waiting": figures.waiting}
    if figures.waiting:
        advice = (
            "requests wait for their turn: get_statistics tells whose take long;"
            f" {PREFIX}STATEMENTS_PER_DATABASE and {PREFIX}DATABASE_CONNECTIONS bound them"
        )
        return Part(f"turns {name}", Status.DEGRADED, advice, facts)
    return Part(f"turns {name}", facts=facts)


def _listening(seen: Measured) -> Part:
    return _of_session(
        "listening",
        seen.is_listening,
        "what other workers change is noticed late",
    )


def _operations(seen: Measured) -> Part:
    return _of_session("operations", seen.is_taking, "this worker takes no operations")


def _of_session(name: str, is_open: Callable[[], bool], otherwise: str) -> Part:
    if is_open():
        return Part(name)
    advice = f"{otherwise}: {PREFIX}DIRECT_URL must lead to PostgreSQL, past any pooler"
    return Part(name, Status.DEGRADED, advice)


def _sweeps(seen: Measured) -> Part:
    found: Mapping[str, int] = {
        kind: number for kind, number in seen.sweeps.found.items() if number
    }
    at = seen.sweeps.ended_at
    facts = {
        "last_at": None if at is None else datetime.fromtimestamp(at, UTC).isoformat(),
        "failed": dict(seen.sweeps.failed),
        "failing": dict(seen.sweeps.failing),
        "found": dict(found),
    }
    if found or seen.sweeps.failing:
        return Part("sweeps", Status.DEGRADED, "python -m service doctor", facts)
    return Part("sweeps", facts=facts)
