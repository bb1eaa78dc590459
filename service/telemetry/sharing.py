"""The metrics of all workers behind one socket: whichever is asked tells of all.

Each worker writes its values into a file of its own, every two seconds and whenever it is asked,
and reads the others'. It holds a lock on another file as long as it lives, however it ends: who
has gone leaves what it counted, and nothing of what it had or was doing. What somebody was told
once does not become less, since nobody tells of what is not in a file.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from uuid import uuid4

import orjson
import structlog

from domain.figures import Sample, Timings
from service.telemetry.definitions import DEFINITIONS, Kind
from service.telemetry.metrics import Metrics, Values, add

FOLDER = "TWINBASE_METRICS_FOLDER"
"""An environment variable: set by ``serve`` for the workers that it starts, and by nobody else."""

WRITTEN_EVERY = 2.0  # seconds

_LOG = structlog.get_logger()

_VALUES, _LOCK = ".json", ".lock"
_GONE = "gone"  # what workers have counted that are no more
_TURN = "turn"


@contextmanager
def shared_folder(workers: int) -> Iterator[None]:
    """Around a service of several workers, which find it in their environment.

    Raises OSError where nothing can be written anywhere.
    """
    os.environ.pop(FOLDER, None)
    if workers == 1:
        yield
        return
    folder = tempfile.mkdtemp(prefix="twinbase-metrics-")
    os.environ[FOLDER] = folder
    try:
        yield
    finally:
        os.environ.pop(FOLDER, None)
        shutil.rmtree(folder, ignore_errors=True)


class SharedMetrics:
    """Of one worker, for as long as it lives; ``close`` belongs to the lifespan."""

    def __init__(self, metrics: Metrics, folder: Path) -> None:
        self._metrics = metrics
        self._folder = folder
        self._name = uuid4().hex
        self._is_written = True
        with self._turn(fcntl.LOCK_EX):
            self._alive = _open(self._path(self._name, _LOCK))
            fcntl.flock(self._alive, fcntl.LOCK_EX)
            self._bury()
            self.write()

    @classmethod
    def opened(cls, metrics: Metrics, folder: Path) -> Self | None:
        """None where the folder has gone or cannot be written: a worker that takes another's place
        is to serve all the same, and tells of itself only.
        """
        try:
            return cls(metrics, folder)
        except OSError as error:
            _LOG.warning("metrics_not_shared", error=error.strerror)
            return None

    def close(self) -> None:
        self.write()
        os.close(self._alive)

    async def keep_written(self) -> None:
        self.write()

    def write(self) -> Values:
        """What was written. A full disk costs the others' view of this worker, and nothing else."""
        values = self._metrics.values()
        try:
            self._replace(self._name, values)
            os.utime(self._alive)  # who cleans up old files is to leave it
        except OSError as error:
            if self._is_written:
                _LOG.warning("metrics_not_shared", error=error.strerror)
            self._is_written = False
        else:
            self._is_written = True
        return values

    def with_others(self, values: Values) -> Values:
        """``values``: this worker's, as they were just written. From whichever thread."""
        try:
            with self._turn(fcntl.LOCK_SH):
                self._add_others(values)
        except OSError as error:
            _LOG.warning("metrics_not_shared", error=error.strerror)
        return values

    def _add_others(self, values: Values) -> None:
        for path in self._folder.glob(f"*{_VALUES}"):
            if path.stem == self._name:
                continue
            samples = _read(path)
            if path.stem == _GONE or not self._lives(path.stem):
                samples = filter(_lasts, samples)
            add(values, samples)

    def _bury(self) -> None:
        """What the dead have counted goes into one file; there is one for each start otherwise."""
        buried: Values = {}
        dead = [
            path.stem
            for path in self._folder.glob(f"*{_VALUES}")
            if path.stem not in {_GONE, self._name} and not self._lives(path.stem)
        ]
        for name in [_GONE, *dead]:
            path = self._path(name, _VALUES)
            add(buried, filter(_lasts, _read(path) if path.exists() else ()))
        # Whoever is killed between the two has counted for nothing: better than twice.
        for name in dead:
            self._path(name, _VALUES).unlink()
            self._path(name, _LOCK).unlink(missing_ok=True)
        self._replace(_GONE, buried)

    def _lives(self, name: str) -> bool:
        try:
            lock = os.open(self._path(name, _LOCK), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def _replace(self, name: str, values: Values) -> None:
        """At once, for whoever reads."""
        written = self._path(name, f".{os.getpid()}")
        written.write_bytes(_dumped(values))
        written.replace(self._path(name, _VALUES))

    def _path(self, name: str, suffix: str) -> Path:
        return self._folder / f"{name}{suffix}"

    @contextmanager
    def _turn(self, mode: int) -> Iterator[None]:
        lock = _open(self._path(_TURN, _LOCK))
        try:
            fcntl.flock(lock, mode)
            yield
        finally:
            os.close(lock)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _lasts(sample: Sample) -> bool:
    return DEFINITIONS[sample.name].kind is not Kind.GAUGE


def _dumped(values: Values) -> bytes:
    return orjson.dumps(
        [
            (name, labels, _told(value) if isinstance(value, Timings) else value)
            for (name, labels), value in values.items()
        ]
    )


def _told(timings: Timings) -> tuple[object, ...]:
    return timings.seconds, list(timings.histogram), list(timings.histogram.values())


def _read(path: Path) -> Iterable[Sample]:
    for name, labels, value in orjson.loads(path.read_bytes()):
        if isinstance(value, list):
            seconds, buckets, numbers = value
            timings = Timings(seconds, dict(zip(buckets, numbers, strict=True)))
            yield Sample(name, tuple(labels), timings)
        else:
            yield Sample(name, tuple(labels), value)
