"""How far a clone is, told now and then to whoever wants to know."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from time import monotonic

from asyncpg import Record

from domain.operation import Progress

Tell = Callable[[Progress], Awaitable[object]]

_PAUSE = 0.25  # seconds between two messages


class CloneProgress:
    def __init__(self, tell: Tell | None = None) -> None:
        self.now = Progress()
        self._tell = tell
        self._told_at = 0.0
        self._is_telling = False

    @property
    def has_begun(self) -> bool:
        """Whether anything may have been made."""
        return bool(self.now.step)

    async def begin(self, statements: int, rows: Sequence[Record]) -> None:
        """``rows``: of each table the ``bytes`` that are to be copied, and estimated ``rows``."""
        self.now = Progress(
            step="structure",
            steps=statements,
            tables=len(rows),
            bytes=sum(table["bytes"] for table in rows),
        )
        await self._told()

    async def did(self, step: str, *, statements: int = 0, tables: Sequence[Record] = ()) -> None:
        self.now = replace(
            self.now,
            step=step,
            steps_done=self.now.steps_done + statements,
            tables_done=self.now.tables_done + len(tables),
            rows=self.now.rows + sum(table["rows"] for table in tables),
            bytes_done=self.now.bytes_done + sum(table["bytes"] for table in tables),
        )
        await self._told()

    async def end(self, rows: int) -> None:
        """``rows``: counted."""
        self.now = replace(self.now, step="proved", steps_done=self.now.steps, rows=rows)
        self._told_at = 0.0
        await self._told()

    async def _told(self) -> None:
        # One at a time: what was told later must not be overwritten by what was told before.
        is_due = monotonic() - self._told_at >= _PAUSE and not self._is_telling
        if self._tell is not None and is_due:
            self._told_at = monotonic()
            self._is_telling = True
            try:
                await self._tell(self.now)
            finally:
                self._is_telling = False
