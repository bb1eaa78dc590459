"""Some tables of a schema with all that they need, or a refusal that names what is missing.

PostgreSQL knows what rests on what (pg_depend), part by part; here parts stand for their whole: an
index for its table, an array for its element's type. Tables and views must be asked for by name.
All else that is needed comes along: types, functions, sequences.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from asyncpg import Connection, Record

from domain.identifiers import Identifier
from domain.schema import Environment
from exceptions.errors import CloneNotPossible
from repository.extent import Extent, Members
from repository.known_statements import fetch
from repository.obstacles import BELONGINGS, listed, printing
from repository.queries import queries

_SQL = queries("subset")
_OBJECTS = BELONGINGS + _SQL["objects"]

_MOST_NAMES_TOLD = 100


async def read_extents(
    driver: Connection, schemas: Mapping[Environment, Identifier], tables: frozenset[str]
) -> dict[Environment, Extent]:
    """Raises CloneNotPossible where the tables are not there or need others."""
    subsets = {
        environment: Subset.of(await fetch(driver, _OBJECTS, [schema.name]), tables)
        for environment, schema in schemas.items()
    }
    _refuse_unknown(tables, subsets)
    if any(subset.missing for subset in subsets.values()):
        raise await _not_closed(driver, schemas, subsets)
    return {
        environment: Extent(schemas[environment], subset.members())
        for environment, subset in subsets.items()
    }


@dataclass(frozen=True, slots=True)
class Need:
    """A part, and what it rests on, which is a part of the table ``whole``."""

    part: Record
    needed: Record
    whole: Record


@dataclass(frozen=True, slots=True)
class Subset:
    """``asked``: relations that are asked for, and their partitions; by the key of their whole.

    ``carried``: these and all that they need, in the order in which it was found; whether it came
    along unasked.
    """

    rows: Mapping[str, Record]
    parts: Mapping[str, Sequence[Record]]
    asked: frozenset[str]
    carried: Mapping[str, bool]

    @classmethod
    def of(cls, rows: Sequence[Record], tables: frozenset[str]) -> Self:
        graph = _Graph(rows)
        named = [row["part"] for row in rows if row["name"] in tables]
        return cls(
            rows=graph.rows,
            parts=graph.parts,
            asked=frozenset(graph.closure(named, only_followers=True)),
            carried=graph.closure(named),
        )

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.rows[key]["name"] for key in self.asked)

    @property
    def missing(self) -> list[str]:
        """Keys of tables and views that are needed and not asked for."""
        return [
            key
            for key in self.carried
            if self.rows[key]["name"] is not None and key not in self.asked
        ]

    def missing_names(self) -> list[str]:
        """To be asked for, too; partitions come with their table."""
        found = [self.rows[key] for key in self.missing]
        return [row["name"] for row in found if not row["comes_with"]]

    def needs(self) -> list[Need]:
        missing = frozenset(self.missing)
        found: dict[tuple[str, str], Need] = {}
        for key in self.carried:
            for part in self.parts[key]:
                # What says most comes first: the table itself, then a part of it.
                for needed in sorted(part["rests_on"], key=lambda each: each not in missing):
                    whole = self.rows[needed]["whole"] if needed in self.rows else key
                    is_leader = self.carried[key] and whole in self.rows[key]["comes_with"]
                    if whole in missing and whole != key and not is_leader:
                        found.setdefault(
                            (part["part"], whole), Need(part, self.rows[needed], self.rows[whole])
                        )
        return list(found.values())

    def members(self) -> Members:
        carried = [part for key in self.carried for part in self.parts[key]]
        members = [part for part in carried if part["is_member"]]
        relations = [part for part in members if part["name"] is not None]
        return Members(
            catalogs=[part["classid"] for part in members],
            oids=[part["objid"] for part in members],
            relations=[part["objid"] for part in relations],
            plain_tables=[part["objid"] for part in relations if part["is_plain_table"]],
            left_out=frozenset(self.rows) - {part["part"] for part in carried},
        )


class _Graph:
    """Wholes, by the key of what they are, with edges to those that their parts rest on."""

    def __init__(self, rows: Sequence[Record]) -> None:
        self.rows = {row["part"]: row for row in rows}
        self.parts: dict[str, list[Record]] = defaultdict(list)
        self._followers: dict[str, list[Record]] = defaultdict(list)
        for row in rows:
            self.parts[row["whole"]].append(row)
            for leader in self._wholes(row["comes_with"]):
                self._followers[leader].append(row)

    def closure(self, wholes: Iterable[str], *, only_followers: bool = False) -> dict[str, bool]:
        """Each as it was found: whether it came along. ``only_followers``: not what is needed."""
        found = dict.fromkeys(wholes, False)
        waiting = deque(found)
        while waiting:
            whole = waiting.popleft()
            needed = [] if only_followers else self._needed(whole)
            for came_along, keys in ((False, needed), (True, self._following(whole, found))):
                new = {key: came_along for key in keys if key not in found}
                found |= new
                waiting.extend(new)
        return found

    def _needed(self, whole: str) -> list[str]:
        return self._wholes(key for part in self.parts[whole] for key in part["rests_on"])

    def _following(self, whole: str, found: Mapping[str, bool]) -> list[str]:
        return [
            row["part"]
            for row in self._followers[whole]
            if all(leader in found for leader in self._wholes(row["comes_with"]))
        ]

    def _wholes(self, parts: Iterable[str]) -> list[str]:
        """What lies elsewhere has none here."""
        return [self.rows[part]["whole"] for part in parts if part in self.rows]


def _refuse_unknown(tables: frozenset[str], subsets: Mapping[Environment, Subset]) -> None:
    unknown = tables.difference(*(subset.names for subset in subsets.values()))
    if unknown:
        raise CloneNotPossible(
            "Nothing was copied. There are no tables or views of these names: "
            + listed(sorted(unknown), _MOST_NAMES_TOLD, ", ")
            + "."
        )


async def _not_closed(
    driver: Connection,
    schemas: Mapping[Environment, Identifier],
    subsets: Mapping[Environment, Subset],
) -> CloneNotPossible:
    where: dict[str, list[Environment]] = defaultdict(list)
    for environment, subset in subsets.items():
        await driver.execute(printing(schemas[environment]))
        for text in await _told(driver, subset):
            where[text].append(environment)
    told = [
        text if len(found) == len(subsets) else f"{', '.join(found)}: {text}"
        for text, found in where.items()
    ]
    names = {name for subset in subsets.values() for name in subset.missing_names()}
    return CloneNotPossible(
        f"Nothing was copied. More is needed than was asked for: {listed(told)}."
        f" Name them, too: {listed(sorted(names), _MOST_NAMES_TOLD, ', ')}."
    )


async def _told(driver: Connection, subset: Subset) -> list[str]:
    """What those need that are asked for comes first, then what the needed need in their turn."""
    needs = subset.needs()
    columns = (
        [need.part["classid"] for need in needs],
        [need.part["objid"] for need in needs],
        [need.needed["classid"] for need in needs],
        [need.needed["objid"] for need in needs],
        [need.whole["objid"] for need in needs],
    )
    told = [row["told"] for row in await fetch(driver, _SQL["needs"], *columns)]
    missing = frozenset(subset.missing)
    is_indirect = [need.part["whole"] in missing for need in needs]
    return [text for _, text in sorted(zip(is_indirect, told, strict=True))]
