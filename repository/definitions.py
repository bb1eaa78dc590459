"""A schema's objects as statements that make them again in another one, in an order that works.

Each object is a node, what PostgreSQL knows of its dependencies (pg_depend) are the edges, and
parts of an object stand for their whole. Phases say the order where nothing depends: types,
functions and tables at 10, what tables alone can say of themselves at 15; then come the rows; keys
at 30, checks 35, foreign keys 40, views 50, and what is attached to all that from 60 on. Whatever a
node needs comes before it, in whichever phase that is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Self

from asyncpg import Connection, Record

from domain.identifiers import Identifier
from domain.renaming import renamed, with_names_renamed
from repository.extent import Extent
from repository.known_statements import fetch
from repository.node_order import Node, in_order
from repository.queries import queries
from repository.roles import DDL, DML_ROLE_NAMES, OWNER

_SQL = queries("definitions")
_ADDRESSED = {
    query: "\n".join((_SQL["relations"], _SQL["addressed"], _SQL[query]))
    for query in ("addresses", "attributes", "rights_by_default")
} | {"traits": "\n".join((_SQL["relations"], _SQL["traits"]))}
_WITHIN_ALL = _SQL["chosen"] + _SQL["members_all"]
_WITHIN_SOME = _SQL["chosen"] + _SQL["members_chosen"]
_NAMED_BY_SOME = ("indexes", "called")  # PostgreSQL parses and analyses also what none reads

_BEFORE_ROWS = 20  # the phases up to it

_TABLES = frozenset({"class r", "class p", "class f"})
_VIEWS = frozenset({"class v", "class m"})
_SEQUENCES = frozenset({"class S"})
_DEFAULT_PRIVILEGES = "default privileges"
_IN_ORDER_BY_PHASE = frozenset({"class r", "class S", _DEFAULT_PRIVILEGES})

_READ_WHERE_THERE_ARE: Mapping[str, frozenset[str]] = {
    "collations": frozenset({"pg_collation"}),
    "enums": frozenset({"type e"}),
    "composites": frozenset({"type c"}),
    "domains": frozenset({"type d"}),
    "ranges": frozenset({"type r"}),
    "casts": frozenset({"type e", "type c", "type d", "type r", "class r", "class v"}),
    "domain_defaults": frozenset({"type d"}),
    "aggregates": frozenset({"aggregate"}),
    "operators": frozenset({"pg_operator"}),
    "conversions": frozenset({"pg_conversion"}),
    "dictionaries": frozenset({"pg_ts_dict"}),
    "configurations": frozenset({"pg_ts_config"}),
    "sequences": _SEQUENCES,
    "identities": _SEQUENCES,
    "defaults": _TABLES | _VIEWS,
    "columns": _TABLES | _VIEWS,
    "tablespaces": _TABLES | _VIEWS,
    "keys": _TABLES | _VIEWS,
    "checks": _TABLES,
    "domain_checks": frozenset({"type d"}),
    "foreign_keys": _TABLES,
    "marks": _TABLES | _VIEWS,
    "statistics": frozenset({"pg_statistic_ext"}),
    "rules": _TABLES | _VIEWS,
    "triggers": _TABLES | _VIEWS,
    "policies": _TABLES,
    "sequence_owners": _SEQUENCES,
}


_OF_SUPERUSER = {"operator_families": "pg_opfamily", "operator_classes": "pg_opclass"}
"""Made by functions of his, which are told the copy's name; and of what kind they are."""


@dataclass(slots=True)
class Definitions:
    """``populated``: materialized views, each after those that it reads. ``addresses``: what
    statements call the schema's objects, as in ``addresses_in``; ``traits``: what the catalogs say
    of them beside names and expressions. ``are_granted``: by default privileges, whatever the
    source's rights are.
    """

    before_rows: list[Node] = field(default_factory=list)
    after_rows: list[Node] = field(default_factory=list)
    populated: list[Identifier] = field(default_factory=list)
    positions: list[Record] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    rights: list[str] = field(default_factory=list)
    of_schema: list[str] = field(default_factory=list)
    leakproof: list[str] = field(default_factory=list)
    addresses: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()
    are_granted: bool = False

    @property
    def statements(self) -> int:
        """How many there are."""
        return len(self.before_rows) + len(self.after_rows) + len(self.last)

    @property
    def last(self) -> list[str]:
        """What is said of objects when all of them are there and owned by whom they are to be."""
        return [*self.comments, *self.rights, *self.of_schema, *self.leakproof]

    def without_rows(self) -> Self:
        return replace(self, populated=[], positions=[])


async def read_definitions(
    driver: Connection,
    source: Extent,
    new_names: Mapping[str, Identifier],
    guarded: Sequence[int],
) -> Definitions:
    """With search_path on the source. ``guarded``: its tables that are as exec_ddl leaves them.

    ``new_names``: of both schemas of the pair. Raises CloneNotPossible.
    """
    kinds = frozenset(row["kind"] for row in await _read(driver, "kinds", source))
    target = new_names[source.schema.name]
    nodes = await _nodes(driver, kinds, source, new_names, guarded)
    # Tables and sequences that need nothing else are in order by their phases.
    parts = [] if kinds <= _IN_ORDER_BY_PHASE else await _read(driver, "parts", source)
    ordered = in_order(nodes, _edges(parts))
    rows_at = max(
        (number + 1 for number, node in enumerate(ordered) if node.phase <= _BEFORE_ROWS), default=0
    )
    attributes = await _attributes(driver, source, guarded, target)
    itself = await _read(driver, "schema_itself", source, target.name, OWNER.name, *DML_ROLE_NAMES)
    return Definitions(
        before_rows=ordered[:rows_at],
        after_rows=ordered[rows_at:],
        populated=await _populated(driver, source, ordered) if "class m" in kinds else [],
        positions=await _positions(driver, source),
        comments=[row["comment"] for row in attributes if row["has_comment"]]
        + [row["extension"] for row in attributes if row["extension"]],
        owners=[row["owner"] for row in attributes if row["owner"]],
        rights=[row["rights"] for row in attributes if row["rights"]],
        of_schema=[row[0] for row in itself],
        leakproof=await _leakproof(driver, source, target) if "function" in kinds else [],
        addresses=frozenset(row["address"] for row in attributes),
        traits=await _traits(driver, source),
        are_granted=_DEFAULT_PRIVILEGES in kinds,
    )


async def addresses_in(driver: Connection, schema: Identifier) -> frozenset[str]:
    """Of every object and part that has a name, with search_path on the schema."""
    found = await _read(driver, "addresses", Extent(schema))
    return frozenset(row["address"] for row in found)


async def traits_in(driver: Connection, schema: Identifier) -> frozenset[str]:
    """As ``Definitions.traits``, with search_path on the schema."""
    return await _traits(driver, Extent(schema))


async def rights_by_default(driver: Connection, copy: Identifier) -> list[str]:
    """What takes them back. With search_path on the copy, of which nobody has granted anything."""
    found = await _read(driver, "rights_by_default", Extent(copy), OWNER.name, *DML_ROLE_NAMES)
    return [row["statement"] for row in found]


async def _read(driver: Connection, query: str, source: Extent, *more: object) -> list[Record]:
    text = _text(query, within=_WITHIN_SOME if source.members else _WITHIN_ALL)
    return await fetch(driver, text, source.schema.name, *source.addresses, *more)


@cache
def _text(query: str, within: str) -> str:
    text = _ADDRESSED.get(query, _SQL[query])
    named = [_SQL[name] for name in _NAMED_BY_SOME if f"FROM {name} AS" in text]
    return "".join((within, *named, text))


async def _nodes(
    driver: Connection,
    kinds: frozenset[str],
    source: Extent,
    new_names: Mapping[str, Identifier],
    guarded: Sequence[int],
) -> list[Node]:
    nodes = [
        _node(row)
        for query, wanted in _READ_WHERE_THERE_ARE.items()
        if not wanted.isdisjoint(kinds)
        for row in await _read(driver, query, source)
    ]
    if not _TABLES.isdisjoint(kinds):
        nodes += [_node(row) for row in await _read(driver, "tables", source, DDL.name)]
        nodes += [_node(row) for row in await _read(driver, "row_security", source, guarded)]
    if not _VIEWS.isdisjoint(kinds):
        views = await _read(driver, "views", source, DDL.name)
        nodes += [_node(row, row["stand_in"]) for row in views]
    if "function" in kinds:
        nodes += await _functions(driver, source, new_names)
    nodes = [
        replace(node, statement=with_names_renamed(node.statement, new_names)) for node in nodes
    ]
    target = new_names[source.schema.name]
    for query, kind in _OF_SUPERUSER.items():
        if kind in kinds:
            nodes += [_node(row) for row in await _read(driver, query, source, target.name)]
    return nodes


async def _leakproof(driver: Connection, source: Extent, target: Identifier) -> list[str]:
    return [row["statement"] for row in await _read(driver, "leakproof", source, target.name)]


async def _populated(
    driver: Connection, source: Extent, ordered: Iterable[Node]
) -> list[Identifier]:
    rows = await _read(driver, "populated", source)
    names = {row["node"]: Identifier(row["name"]) for row in rows}
    return [names[node.key] for node in ordered if node.key in names]


async def _positions(driver: Connection, source: Extent) -> list[Record]:
    """Sequences know no snapshot: read after it began, they are where its rows are or beyond."""
    ((statement,),) = await _read(driver, "positions", source)
    return await driver.fetch(statement) if statement else []


async def _attributes(
    driver: Connection, source: Extent, guarded: Sequence[int], target: Identifier
) -> list[Record]:
    given = (OWNER.name, guarded, *DML_ROLE_NAMES, target.name)
    return await _read(driver, "attributes", source, *given)


async def _traits(driver: Connection, source: Extent) -> frozenset[str]:
    return frozenset(row["trait"] for row in await _read(driver, "traits", source))


def _node(row: Record, stand_in: str | None = None) -> Node:
    return Node(row["node"], row["phase"], row["by_service"], row["statement"], stand_in)


def _edges(parts: Sequence[Record]) -> list[tuple[str, str]]:
    """Between nodes: what any part of the one rests on is a part of the other."""
    node_of = {row["part"]: row["node"] for row in parts}
    return [
        (row["node"], node_of[needed])
        for row in parts
        for needed in row["rests_on"]
        if node_of.get(needed, row["node"]) != row["node"]
    ]


async def _functions(
    driver: Connection, source: Extent, new_names: Mapping[str, Identifier]
) -> list[Node]:
    ((twin, of_twin),) = [pair for pair in new_names.items() if pair[0] != source.schema.name]
    names = (new_names[source.schema.name].name, twin, of_twin.name)
    rows = await _read(driver, "functions", source, *names)
    bodies = [row for row in rows if row["body"] is not None]
    written = await fetch(
        driver,
        _SQL["with_bodies"],
        [row["statement"] for row in bodies],
        [renamed(row["body"], new_names) for row in bodies],
    )
    statements = {row["node"]: told["statement"] for row, told in zip(bodies, written, strict=True)}
    return [
        Node(
            row["node"],
            row["phase"],
            row["by_service"],
            statements.get(row["node"], row["statement"]),
        )
        for row in rows
    ]
