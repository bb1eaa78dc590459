"""Where the tests' own servers keep their data: in memory where there is room, else in /tmp.

PostgreSQL makes some hundred files for a database, which on a disk is most of what a test takes.
What a killed process has written stays in memory as well as on a disk. The names are short, since
the path of a socket in such a folder must be.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - folders in it are made under names that nobody has
_DISK = Path("/tmp")  # noqa: S108 - as above
_ROOM = 2 * 1024**3  # bytes; a run has taken a fifth of them


def new_folder(prefix: str) -> Path:
    """Others may pass through it: PostgreSQL is another account where the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix=f"twinbase-{prefix}-", dir=_place()))
    folder.chmod(0o711)
    return folder


def _place() -> Path:
    try:
        memory = os.statvfs(_MEMORY)
    except OSError:  # Linux alone has it
        return _DISK
    has_room = memory.f_bavail * memory.f_frsize >= _ROOM and os.access(_MEMORY, os.W_OK)
    return _MEMORY if has_room else _DISK


@contextmanager
def short_folder(prefix: str) -> Iterator[Path]:
    folder = new_folder(prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
