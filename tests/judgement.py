"""What is wrong with what came of an attack where no gate was before the server."""

import re

from tests.attacks import Attack, Effect, Outcome
from tests.observed import Observed
from tests.two_tenants import leaks, leaks_of_colleague

# An answer of which some part is never the same.
_VARYING = re.compile(r"\d{10,}|\d\d:\d\d:[\d.]+|0x[0-9a-f]+")

# What is told, may be told in more than one of these ways.
_TELLING = frozenset({Effect.NAMES, Effect.NUMBERS, Effect.INHERENT})
_TOLD_BY_A_DIFFERENCE = frozenset({Effect.NUMBERS, Effect.INHERENT})

# Neither in the answer nor on the connection.
_UNSEEN = frozenset({Effect.SERVER, Effect.OWN_DATABASE, Effect.GAP})


def assert_none(faults: list[str]) -> None:
    """Each on a line of its own, and none cut."""
    assert not faults, "\n".join(faults)


def leaking(observed: Observed, attack: Attack) -> list[str]:
    """Of rows; nothing in the table excuses that."""
    wrong = {
        "leaks": leaks(observed.told),
        "leaks of the colleague": attack.effect not in {Effect.INHERENT, Effect.OWN_DATABASE}
        and leaks_of_colleague(observed.told),
        "changes": bool(observed.changes),
    }
    return [fault for fault, found in wrong.items() if found]


def misjudged(observed: Observed, without: Observed, attack: Attack, victim: str) -> list[str]:
    """Where the table says otherwise than it is; ``without``: where others have no rows."""
    effects = set(observed.effects)
    if victim in observed.rows:
        effects.add(Effect.NAMES)
    if differ(observed, without):
        effects |= _TOLD_BY_A_DIFFERENCE
    if attack.effect is None:
        return (
            [] if not effects and attack.outcome in {observed.outcome, Outcome.ANY} else ["not so"]
        )
    wrong = {
        "another effect": effects - _TELLING != {attack.effect} - _TELLING - _UNSEEN,
        "no difference": attack.effect in _TOLD_BY_A_DIFFERENCE - effects,
        "held by the server": not effects and observed.outcome in {Outcome.DENIED, Outcome.FAILS},
    }
    return [fault for fault, found in wrong.items() if found]


def differ(observed: Observed, without: Observed) -> bool:
    return observed.outcome != without.outcome or masked(observed) != masked(without)


def masked(observed: Observed) -> str:
    return _VARYING.sub("", observed.told)
