"""A session of PostgreSQL on this machine makes way for others, as far as the system lets it."""

import asyncio
import os
from pathlib import Path

_SLOW = 0.1  # seconds
_BUSY = 0.02  # seconds of a processor, of those: it neither waits for a lock nor for the disk

# proc(5): fields 14 and 15 of /proc/[pid]/stat, counted behind the name, which may hold blanks.
_USER_TIME, _SYSTEM_TIME = 11, 12


class Niceness:
    """Of one session: others' light statements go first once it has been busy for a while.

    Whoever is nice is so for life, since only root may take it back.
    """

    def __init__(self, process_id: int, niceness: int) -> None:
        """``niceness``: 0 for never, as where the process is somewhere else."""
        self._process_id = process_id
        self._niceness = niceness
        self._timer: asyncio.TimerHandle | None = None
        self._used = 0.0
        self.is_nice = False

    def begin_statement(self) -> None:
        self._used = 0.0
        if self._niceness:
            self._look_again()

    def end_statement(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look_again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_SLOW, self._look)

    def _look(self) -> None:
        try:
            used_before, self._used = self._used, _seconds_of_processors(self._process_id)
            if used_before and self._used - used_before >= _BUSY:
                self._make_way()
            else:
                self._look_again()
        except OSError:  # not on this machine, or not to be touched
            return

    def _make_way(self) -> None:
        """Raises OSError.

        Linux weighs processes by their niceness within their autogroup only, where it has those
        (sched(7)), and each session of PostgreSQL is the only one in its own: there the group is
        what makes way.
        """
        os.setpriority(os.PRIO_PROCESS, self._process_id, self._niceness)
        self.is_nice = True
        autogroup = Path(f"/proc/{self._process_id}/autogroup")
        if autogroup.exists():
            try:
                autogroup.write_text(str(self._niceness), encoding="ascii")
            except BlockingIOError:  # all of them together may change ten times a second
                self._look_again()


def _seconds_of_processors(process_id: int) -> float:
    """Used since it began."""
    _, _, fields = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")
    times = fields.split()[_USER_TIME : _SYSTEM_TIME + 1]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
