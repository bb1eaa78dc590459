"""What a clone takes along, and how it is proved."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Self

from domain.operation import Json
from domain.schema import Environment


class Verify(StrEnum):
    """What of each table must agree between source and copy, as of the clone's moment."""

    COUNTS = "counts"
    CHECKSUMS = "checksums"


@dataclass(frozen=True, slots=True)
class WhatToCopy:
    """``environments``: the others of the pair are there and empty.

    Without ``rows`` sequences begin anew and materialized views are not populated. ``tables``:
    names of tables and views, which come with what they need but for other tables; None: all.
    """

    environments: frozenset[Environment] = frozenset(Environment)
    rows: bool = True
    verify: Verify = Verify.COUNTS
    tables: frozenset[str] | None = None

    def as_json(self) -> Json:
        return {
            "environments": sorted(self.environments),
            "rows": self.rows,
            "verify": self.verify,
            "tables": None if self.tables is None else sorted(self.tables),
        }

    @classmethod
    def from_json(cls, fields: Json) -> Self:
        tables = fields.get("tables")  # not in what an earlier release has written
        return cls(
            environments=frozenset(Environment(name) for name in fields["environments"]),
            rows=fields["rows"],
            verify=Verify(fields["verify"]),
            tables=None if tables is None else frozenset(tables),
        )


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

    def as_json(self) -> Json:
        return asdict(self)
