"""What a clone takes along."""

from dataclasses import dataclass

from domain.schema import Environment


@dataclass(frozen=True, slots=True)
class WhatToCopy:
    """``environments``: the others of the pair are there and empty.

    Without ``rows`` sequences begin anew and materialized views are not populated.
    """

    environments: frozenset[Environment] = frozenset(Environment)
    rows: bool = True


EVERYTHING = WhatToCopy()
