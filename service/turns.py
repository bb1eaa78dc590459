"""So many statements at a time, so that a busy tenant starves nobody."""

import asyncio
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from itertools import count
from time import perf_counter

from domain.figures import TurnFigures
from domain.observation import WAITED_FOR_TURN
from domain.ownership import Owner
from exceptions.errors import StatementCancelled, TooManyStatements


class _Bound(StrEnum):
    DATABASE = "database"
    OWNER = "owner"
    ALL = "all"


class _Outcome(Enum):
    GIVEN = auto()
    CANCELLED = auto()
    TOO_LATE = auto()


@dataclass(slots=True)
class _Waiting:
    label: str
    turn: asyncio.Future[_Outcome]

    def was_given(self) -> bool:
        done = self.turn.done() and not self.turn.cancelled()
        return done and self.turn.result() is _Outcome.GIVEN

    def give_up(self) -> None:
        if not self.turn.done():
            self.turn.set_result(_Outcome.TOO_LATE)


@dataclass(slots=True)
class _Line:
    """Of one database; kept while somebody is in it. ``waiting``: by number, in order."""

    owner: Owner
    running: int = 0
    waiting: OrderedDict[int, _Waiting] = field(default_factory=OrderedDict)


class DatabaseTurns:
    """Of one worker. Whoever waits holds no connection.

    ``at_once`` of one database, of all databases of one owner, and in all: a turn is within the
    three or is not given, so that none is held while another is waited for.
    """

    def __init__(
        self,
        at_once: int,
        at_once_of_owner: int,
        at_once_in_all: int,
        longest_wait: float,
        *,
        doing: str = "running",
    ) -> None:
        self._at_once = at_once
        self._at_once_of_owner = at_once_of_owner
        self._at_once_in_all = at_once_in_all
        self._longest_wait = longest_wait  # seconds
        self._doing = doing
        self._lines: dict[int, _Line] = {}
        self._running_of: Counter[Owner] = Counter()
        self._running = 0
        self._waiting = 0  # in all lines; mostly nobody, and then none is looked through
        self._numbers = count()
        self._figures = TurnFigures(at_once_in_all)
        self._figures.refused.update(dict.fromkeys(_Bound, 0))

    def __call__(self, database_id: int, owner: Owner, label: str) -> "_Turn":
        return _Turn(self, database_id, owner, label)

    async def enter(self, database_id: int, owner: Owner, label: str) -> None:
        line = self._lines.get(database_id)
        if line is None:
            line = self._lines[database_id] = _Line(owner)
        if self._full(line) is None:
            self._take(line)
            self._figures.wait.count(0.0)
            return
        began = perf_counter()
        try:
            await self._wait(line, label)
            self._figures.wait.count(perf_counter() - began)
        except BaseException:
            self._close_if_empty(database_id, line)
            raise

    @property
    def figures(self) -> TurnFigures:
        self._figures.taken = self._running
        self._figures.waiting = self._waiting
        return self._figures

    def leave(self, database_id: int) -> None:
        line = self._lines[database_id]
        self._give_back(line)
        self._close_if_empty(database_id, line)

    def _close_if_empty(self, database_id: int, line: _Line) -> None:
        if not line.running and not line.waiting and self._lines.get(database_id) is line:
            del self._lines[database_id]

    def cancel(self, label: str) -> bool:
        cancelled = [
            waiting.turn
            for line in self._lines.values()
            for waiting in line.waiting.values()
            if waiting.label == label and not waiting.turn.done()
        ]
        for turn in cancelled:
            turn.set_result(_Outcome.CANCELLED)
        return bool(cancelled)

    async def _wait(self, line: _Line, label: str) -> None:
        number = next(self._numbers)
        loop = asyncio.get_running_loop()
        waiting = line.waiting[number] = _Waiting(label, loop.create_future())
        self._waiting += 1
        timer = loop.call_later(self._longest_wait, waiting.give_up)
        try:
            outcome = await waiting.turn
        except asyncio.CancelledError:
            if waiting.was_given():  # in the same moment
                self._give_back(line)
            raise
        finally:
            timer.cancel()
            if line.waiting.pop(number, None) is not None:
                self._waiting -= 1
        if outcome is _Outcome.TOO_LATE:
            raise self._too_many(line)
        if outcome is _Outcome.CANCELLED:
            raise StatementCancelled(
                "The request was cancelled while it waited for its turn; nothing was changed."
            )

    def _full(self, line: _Line) -> _Bound | None:
        """Which bound keeps the line's next one from a turn."""
        if line.running >= self._at_once:
            return _Bound.DATABASE
        if self._running_of[line.owner] >= self._at_once_of_owner:
            return _Bound.OWNER
        if self._running >= self._at_once_in_all:
            return _Bound.ALL
        return None

    def _too_many(self, line: _Line) -> TooManyStatements:
        bound = self._full(line)
        self._figures.refused[bound or _Bound.DATABASE] += 1
        full = {
            None: "Statements",
            _Bound.DATABASE: f"{self._at_once} statements of this database",
            _Bound.OWNER: f"{self._at_once_of_owner} statements of this owner's databases",
            _Bound.ALL: f"{self._at_once_in_all} statements of all databases",
        }
        return TooManyStatements(
            f"{full[bound]} are {self._doing}, as many as may at a time, and"
            f" {self._longest_wait:g} seconds were not enough for a turn."
        )

    def _take(self, line: _Line) -> None:
        line.running += 1
        self._running_of[line.owner] += 1
        self._running += 1

    def _give_back(self, line: _Line) -> None:
        line.running -= 1
        self._running_of[line.owner] -= 1
        if not self._running_of[line.owner]:
            del self._running_of[line.owner]
        self._running -= 1
        while self._waiting and (following := self._next()) is not None:
            _, waiting = following.waiting.popitem(last=False)
            self._waiting -= 1
            if not waiting.turn.done():
                self._take(following)
                waiting.turn.set_result(_Outcome.GIVEN)

    def _next(self) -> _Line | None:
        """Whose owner has the least running, so that who sends much at once is not served first."""
        may = [line for line in self._lines.values() if line.waiting and self._full(line) is None]
        return min(
            may,
            key=lambda line: (self._running_of[line.owner], next(iter(line.waiting))),
            default=None,
        )


class _Turn:
    """One, from its wait to its end."""

    __slots__ = ("_database_id", "_label", "_owner", "_turns", "_waited")

    def __init__(self, turns: DatabaseTurns, database_id: int, owner: Owner, label: str) -> None:
        self._turns = turns
        self._database_id = database_id
        self._owner = owner
        self._label = label

    async def __aenter__(self) -> None:
        asked_at = perf_counter()
        await self._turns.enter(self._database_id, self._owner, self._label)
        self._waited = WAITED_FOR_TURN.set(perf_counter() - asked_at)

    async def __aexit__(self, *_: object) -> None:
        self._turns.leave(self._database_id)
        WAITED_FOR_TURN.reset(self._waited)
