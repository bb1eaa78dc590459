"""Stands between the socket and asyncpg, and keeps from it what it is not to see.

Rows beyond what an answer may take of our memory: asyncpg keeps all rows until the last has come,
so the meter drops whole rows from where they would be more bytes than are left; asyncpg sees an
answer that ends early. Of a row that alone is too long no part is ever kept.

And the answer to a command that the service has put before asyncpg's own (``PoolConnection``).
"""

import asyncio
from collections import deque
from struct import Struct

# A message of PostgreSQL's protocol: its kind, then its length, which counts itself.
_HEADER = Struct("!cI")
_KIND = 1
_DATA_ROW = b"D"
_COMMAND_COMPLETE = b"C"
_ERROR = b"E"
_READY = b"Z"
# ParseComplete, BindComplete, CloseComplete, DataRow, CommandComplete. What is told beside, notices
# and parameters of the session, is asyncpg's to read.
_OF_A_COMMAND = frozenset({b"1", b"2", b"3", _DATA_ROW, _COMMAND_COMPLETE})


class AnswerMeter(asyncio.Protocol):
    """The protocol of a connection's transport; everything else goes on to asyncpg's own."""

    awaits_command = False
    """Nothing has come yet for the command in front."""

    command_failed = False
    """So that what has come is its error, and PostgreSQL has skipped what followed it."""

    def __init__(self, inner: asyncio.Protocol) -> None:
        self._inner = inner
        self._metering = False
        self._left = 0
        self._most_of_a_row = self._added_to_a_row = 0
        self._cut = False
        # What is dropped as it comes, until these have come, one after the other.
        self._drops_until: deque[bytes] = deque()
        self._passing = 0  # bytes of a message begun that are still to come and go on
        self._dropping = 0  # the same, of a message that is dropped
        self._header = b""  # the beginning of a header that was cut by the end of a chunk

    def start(self, most_bytes: int, most_of_a_row: int, added_to_a_row: int) -> None:
        """Between two answers only: there, a message begins with the next byte.

        ``added_to_a_row``: counted with each row, for what its values cost us beside their bytes.
        """
        self._metering = True
        self._left = most_bytes
        self._most_of_a_row = most_of_a_row
        self._added_to_a_row = added_to_a_row
        self._cut = False

    def stop(self) -> tuple[int, bool]:
        """How many bytes are left, and whether rows were dropped."""
        self._metering = False
        return self._left, self._cut

    def drop_command(self) -> None:
        """The next answer, to its end or its error."""
        self._drops_until.append(_COMMAND_COMPLETE)
        self.awaits_command = True
        self.command_failed = False

    def drop_until_ready(self) -> None:
        """All that comes until PostgreSQL has answered the next Sync."""
        if self.awaits_command:
            self._drops_until.pop()
            self.awaits_command = False
        self._drops_until.append(_READY)

    def data_received(self, data: bytes) -> None:
        if not (
            self._metering or self._drops_until or self._dropping or self._passing or self._header
        ):
            self._inner.data_received(data)
            return
        self.awaits_command = False
        kept = self._kept_of(self._header + data if self._header else data)
        if kept:
            self._inner.data_received(kept)

    def _kept_of(self, data: bytes) -> bytes:
        """The data without the messages that are dropped: itself, where all may pass."""
        self._header = b""
        size = len(data)
        position = min(self._passing, size)
        self._passing -= position
        kept: list[bytes] = []
        begin = 0  # of what passes and is not in ``kept`` yet
        if self._dropping:
            begin = position = min(self._dropping, size)
            self._dropping -= position
        while position < size:
            if size - position < _HEADER.size:
                self._header = data[position:]
                size = position
                break
            kind, length = _HEADER.unpack_from(data, position)
            end = position + _KIND + length
            if self._drops_until:
                dropped = self._is_of_command(kind)
            elif kind == _DATA_ROW and self._metering:
                # Written out, since this is done for each row: a call would take as long again.
                left = self._left - length - self._added_to_a_row
                dropped = left < 0 or length > self._most_of_a_row
                self._left = 0 if dropped else left
                self._cut |= dropped
            else:
                dropped = False
            if dropped:
                kept.append(data[begin:position])
                self._dropping = max(0, end - size)
                begin = position = min(end, size)
            else:
                position = end
        if position > size:
            self._passing = position - size
        if begin == 0 and size == len(data):
            return data
        kept.append(data[begin:size])
        return b"".join(kept)

    def _is_of_command(self, kind: bytes) -> bool:
        last = self._drops_until[0]
        self.command_failed = last == _COMMAND_COMPLETE and kind == _ERROR
        if kind == last or self.command_failed:
            self._drops_until.popleft()
        return last == _READY or kind in _OF_A_COMMAND

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()
