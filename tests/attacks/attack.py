"""What an attack is, and what PostgreSQL alone makes of it."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How the server answers where no gate is before it."""

    DENIED = "denied"  # for want of a right
    NOTHING = "nothing"  # runs, and finds no rows
    OWN = "own"  # runs, and finds or changes only what is the caller's
    FAILS = "fails"  # for another reason
    REFUSED = "refused"  # DDL only: by settling
    ANY = "any"  # depends on how the server was built


class Effect(StrEnum):
    """What PostgreSQL lets tenants' roles do all the same; none of it is a row, read or changed.

    The gate keeps it from them, but for what is inherent.
    """

    IDENTITY = "changes by whom and where the next statement is run"
    TRANSACTION = "ends, splits or changes the service's transaction"
    CONNECTION = "stays on the pooled connection"
    LOCK = "locks another's table"
    NAMES = "tells names, definitions or comments of others"
    NUMBERS = "tells whether or how many rows another has"
    GAP = "draws a number that another's identity will not give any more"
    SERVER = "tells of the server, or acts on the service"
    OWN_DATABASE = "reaches all rows of the caller's own database"
    """DDL only: whoever may change a database's structure reaches all of its rows."""

    INHERENT = "tells that a colleague has a row: keys know all rows of their database"


@dataclass(frozen=True, slots=True)
class Attack:
    """SQL as a tenant would send it, with the marks of ``tests/two_tenants.py``.

    ``effect``: what the first line does not hold; its test proves the mark.
    ``since``: the version of PostgreSQL that has its syntax; older ones may answer as they like.
    """

    sql: str
    outcome: Outcome
    effect: Effect | None = None
    since: int = 15


Attacks = dict[str, Attack]


def denied(sql: str, *, since: int = 15) -> Attack:
    return Attack(sql, Outcome.DENIED, since=since)


def nothing(sql: str, *, since: int = 15) -> Attack:
    return Attack(sql, Outcome.NOTHING, since=since)


def own(sql: str, *, since: int = 15) -> Attack:
    return Attack(sql, Outcome.OWN, since=since)


def fails(sql: str, *, since: int = 15) -> Attack:
    """PostgreSQL has nothing to offer here: another dialect's SQL, a thing that is not there."""
    return Attack(sql, Outcome.FAILS, since=since)


def anything(sql: str, *, since: int = 15) -> Attack:
    return Attack(sql, Outcome.ANY, since=since)


def refused(sql: str) -> Attack:
    return Attack(sql, Outcome.REFUSED)


def gate_only(effect: Effect, sql: str, *, since: int = 15) -> Attack:
    return Attack(sql, Outcome.ANY, effect, since)


def inherent(sql: str, *, since: int = 15) -> Attack:
    return Attack(sql, Outcome.ANY, Effect.INHERENT, since)
