"""A session of PostgreSQL on this machine makes way for others, as far as the system lets it."""

import os
from pathlib import Path


def make_way(process_id: int, niceness: int) -> None:
    """Raises OSError: BlockingIOError where Linux asks to come again a tenth of a second later.

    Linux weighs processes by their niceness within their autogroup only, where it has those
    (sched(7)), and each session of PostgreSQL is the only one in its own: there the group is what
    makes way.
    """
    os.setpriority(os.PRIO_PROCESS, process_id, niceness)
    try:
        Path(f"/proc/{process_id}/autogroup").write_text(str(niceness), encoding="ascii")
    except FileNotFoundError:  # no autogroups
        return
