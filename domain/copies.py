"""What a clone takes along, and how it is proved."""

from dataclasses import dataclass
from enum import StrEnum

from domain.database import Database
from domain.schema import Environment


class Verify(StrEnum):
    """What of each table must agree between source and copy, as of the clone's moment."""

    COUNTS = "counts"
    CHECKSUMS = "checksums"


@dataclass(frozen=True, slots=True)
class WhatToCopy:
    """``environments``: the others of the pair are there and empty.

    Without ``rows`` sequences begin anew and materialized views are not populated.
    """

    environments: frozenset[Environment] = frozenset(Environment)
    rows: bool = True
    verify: Verify = Verify.COUNTS


EVERYTHING = WhatToCopy()


@dataclass(frozen=True, slots=True)
class CloneReport:
    """Of both environments together: what was found to agree.

    ``objects``: with all their parts that have a name. A partitioned table is one of ``tables``.
    """

    objects: int
    tables: int
    rows: int
    verified: Verify


@dataclass(frozen=True, slots=True)
class Clone:
    database: Database
    report: CloneReport
