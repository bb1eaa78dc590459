"""Bounds what an answer of PostgreSQL may take of our memory, row by row as it arrives.

asyncpg keeps all rows of an answer until the last has come. Between the socket and asyncpg, the
meter lets rows through until they would be more bytes than are left, and drops the others whole:
asyncpg sees an answer that ends early. Of a row that alone is too long no part is ever kept.
"""

import asyncio
from struct import Struct

# A message of PostgreSQL's protocol: its kind, then its length, which counts itself.
_HEADER = Struct("!cI")
_KIND = 1
_DATA_ROW = b"D"


class AnswerMeter(asyncio.Protocol):
    """The protocol of a connection's transport; everything but rows goes on to asyncpg's own."""

    def __init__(self, inner: asyncio.Protocol) -> None:
        self._inner = inner
        self._metering = False
        self._left = 0
        self._most_of_a_row = self._added_to_a_row = 0
        self._dropped = False
        self._passing = 0  # bytes of a message begun that are still to come and go on
        self._dropping = 0  # the same, of a row that is dropped
        self._header = b""  # the beginning of a header that was cut by the end of a chunk

    def start(self, most_bytes: int, most_of_a_row: int, added_to_a_row: int) -> None:
        """Between two answers only: there, a message begins with the next byte.

        ``added_to_a_row``: counted with each row, for what its values cost us beside their bytes.
        """
        self._metering = True
        self._left = most_bytes
        self._most_of_a_row = most_of_a_row
        self._added_to_a_row = added_to_a_row
        self._dropped = False
        self._passing = self._dropping = 0
        self._header = b""

    def stop(self) -> tuple[int, bool]:
        """How many bytes are left, and whether rows were dropped."""
        self._metering = False
        return self._left, self._dropped

    def data_received(self, data: bytes) -> None:
        if not self._metering and not self._dropping and not self._header:
            self._inner.data_received(data)
            return
        kept = self._kept_of(self._header + data if self._header else data)
        if kept:
            self._inner.data_received(kept)

    def _kept_of(self, data: bytes) -> bytes:
        """The data without the rows that are too many: itself, where all may pass."""
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
            if kind == _DATA_ROW and self._metering:
                self._left -= length + self._added_to_a_row
                if self._left < 0 or length > self._most_of_a_row:
                    self._dropped = True
                    self._left = 0
                    kept.append(data[begin:position])
                    self._dropping = max(0, end - size)
                    begin = position = min(end, size)
                    continue
            self._passing = max(0, end - size)
            position = end
        if begin == 0 and size == len(data):
            return data
        kept.append(data[begin:size])
        return b"".join(kept)

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()
