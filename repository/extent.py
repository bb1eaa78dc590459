"""What of a schema is read, where it is not all of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.identifiers import Identifier

Oids = Sequence[int]


@dataclass(frozen=True, slots=True)
class Members:
    """Some of what lies in a schema, as oids of catalogs and, one by one, what they are in them.

    ``relations``: the tables and views of it; ``plain_tables``: those that hold rows themselves.
    ``left_out``: parts, as «catalog.oid», that none of them has.
    """

    catalogs: Oids
    oids: Oids
    relations: Oids
    plain_tables: Oids
    left_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class Extent:
    """``members`` None: all that lies in the schema."""

    schema: Identifier
    members: Members | None = None

    @property
    def addresses(self) -> tuple[Oids | None, Oids | None]:
        """Of its members, as queries take them."""
        return (self.members.catalogs, self.members.oids) if self.members else (None, None)
