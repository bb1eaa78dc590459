"""What is seen of tenants' statements and transactions, for whoever measures, traces or logs them.

``repository`` makes the observations; an observer is a function that gets each one as it ends, and
must be quick and raise nothing. The list of observers: ``service/observing.py``.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal, Self

from domain.gate import DdlStatement, DmlStatement
from domain.identifiers import Identifier

WAITED_FOR_TURN: ContextVar[float] = ContextVar("waited_for_turn", default=0.0)
"""Seconds that the request waited for the turn that it has now."""


class _Observation:
    """Around what is observed. Flat, since the hot path makes two of them."""

    __slots__ = ("_observers", "error", "seconds", "started")

    _observers: "tuple[Callable[[Any], None], ...]"
    started: float

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        self.seconds = perf_counter() - self.started
        self.error = error
        for observe in self._observers:
            observe(self)

    @property
    def sqlstate(self) -> str | None:
        """PostgreSQL's word on what it has refused."""
        error = self.error
        while error is not None:
            told = getattr(error, "sql", error)  # an error of ours, or the driver's
            sqlstate = getattr(told, "sqlstate", None)
            if sqlstate:
                return str(sqlstate)
            error = error.__cause__
        return None


class ObservedStatement(_Observation):
    """From its sending to its last row, in one schema.

    ``kind``: its command; LOCK TABLE is a DDL's wait for its tables, COMMIT that of several
    statements. ``statement``: for its fingerprint, and never to be told; None: it is the service's.
    ``rows``: how many it answered or changed; None: it has none, or has failed.
    ``waited``: seconds until its transaction had a connection.
    """

    __slots__ = ("kind", "number", "rows", "schema", "statement", "waited")

    def __init__(
        self,
        observers: "tuple[Callable[[ObservedStatement], None], ...]",
        kind: str,
        schema: Identifier,
        number: int | None = None,
        statement: DmlStatement | DdlStatement | None = None,
        *,
        waited: float = 0.0,
    ) -> None:
        self._observers = observers
        self.kind = kind
        self.schema = schema
        self.number = number
        self.statement = statement
        self.waited = waited
        self.rows: int | None = None
        self.started = perf_counter()


class ObservedTransaction(_Observation):
    """``waited``: seconds until it had a connection, before ``started``."""

    __slots__ = ("kind", "waited")

    def __init__(
        self,
        observers: "tuple[Callable[[ObservedTransaction], None], ...]",
        kind: Literal["dml", "ddl"],
        asked_at: float,
    ) -> None:
        self._observers = observers
        self.kind = kind
        self.started = perf_counter()
        self.waited = self.started - asked_at


class ObservedStep(_Observation):
    """Of an operation; ``schema``: where, if it is in one."""

    __slots__ = ("name", "schema")

    def __init__(
        self,
        observers: "tuple[Callable[[ObservedStep], None], ...]",
        name: str,
        schema: Identifier | None,
    ) -> None:
        self._observers = observers
        self.name = name
        self.schema = schema
        self.started = perf_counter()


@dataclass(frozen=True, slots=True)
class Observers:
    of_statements: tuple[Callable[[ObservedStatement], None], ...] = ()
    of_transactions: tuple[Callable[[ObservedTransaction], None], ...] = ()
    of_steps: tuple[Callable[[ObservedStep], None], ...] = ()

    def step(self, name: str, schema: Identifier | None = None) -> ObservedStep:
        return ObservedStep(self.of_steps, name, schema)


NOBODY = Observers()
