"""How a schema differs from what it was: what a dry run of DDL tells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TypeAlias

from domain.description import (
    ColumnDescription,
    IndexDescription,
    KeyDescription,
    SchemaDescription,
    SequenceDescription,
    StatisticsDescription,
    TableDescription,
    TypeDescription,
    ViewDescription,
)
from domain.schema import Environment


class ChangeKind(StrEnum):
    ADDED = "added"
    DROPPED = "dropped"
    CHANGED = "changed"


class ObjectKind(StrEnum):
    TYPE = "type"
    SEQUENCE = "sequence"
    TABLE = "table"
    COLUMN = "column"
    KEY = "key"
    INDEX = "index"
    STATISTICS = "statistics"
    VIEW = "view"


Fields: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Change:
    """Of an object, or of a part of a ``table`` that was there before and still is.

    ``name`` and ``table`` are what they are called afterwards. ``before`` and ``after`` hold all
    that is known of what is dropped or added, and of what is changed the fields that differ.
    """

    environment: Environment
    change: ChangeKind
    object: ObjectKind
    table: str | None
    name: str
    before: Fields | None
    after: Fields | None


_Described: TypeAlias = (
    TypeDescription
    | SequenceDescription
    | TableDescription
    | ColumnDescription
    | KeyDescription
    | IndexDescription
    | StatisticsDescription
    | ViewDescription
)
_Group: TypeAlias = tuple[ObjectKind, str | None, Sequence[_Described], Sequence[_Described]]

# What tells nothing of the structure: who it is, and what its rows bring about.
_LEFT_OUT = frozenset({"oid", "number", "rows", "bytes", "last_value"})
_PARTS_OF_TABLES = frozenset({"columns", "keys", "indexes", "statistics"})

# PostgreSQL itself makes these anew where a column gets another type: one of an old name is the old
# one. Not so what holds data: a column that is dropped and added again is empty.
_REBUILT = frozenset({ObjectKind.KEY, ObjectKind.INDEX, ObjectKind.STATISTICS})


def changes_between(before: SchemaDescription, after: SchemaDescription) -> list[Change]:
    """Of one schema, at two moments of one transaction: what has the same oid is the same."""
    return [
        change
        for kind, table, was, now in _groups(before, after)
        for change in _compared(before.environment, kind, table, was, now)
    ]


def _groups(before: SchemaDescription, after: SchemaDescription) -> Iterator[_Group]:
    yield ObjectKind.TYPE, None, before.types, after.types
    yield ObjectKind.SEQUENCE, None, before.sequences, after.sequences
    yield ObjectKind.TABLE, None, before.tables, after.tables
    was_there = {table.oid: table for table in before.tables}
    for now in after.tables:
        was = was_there.get(now.oid)
        if was is not None:
            yield ObjectKind.COLUMN, now.name, was.columns, now.columns
            yield ObjectKind.KEY, now.name, was.keys, now.keys
            yield ObjectKind.INDEX, now.name, was.indexes, now.indexes
            yield ObjectKind.STATISTICS, now.name, was.statistics, now.statistics
    yield ObjectKind.VIEW, None, before.views, after.views


def _compared(
    environment: Environment,
    kind: ObjectKind,
    table: str | None,
    before: Sequence[_Described],
    after: Sequence[_Described],
) -> Iterator[Change]:
    was = {_identity(described): described for described in before}
    now = {_identity(described): described for described in after}
    if kind in _REBUILT:
        of_name = {gone.name: identity for identity, gone in was.items() if identity not in now}
        now = {
            identity if identity in was else of_name.get(there.name, identity): there
            for identity, there in now.items()
        }
    for identity, gone in was.items():
        if identity not in now:
            dropped = ChangeKind.DROPPED
            yield Change(environment, dropped, kind, table, gone.name, _fields(gone), None)
    for identity, there in now.items():
        if identity not in was:
            added = ChangeKind.ADDED
            yield Change(environment, added, kind, table, there.name, None, _fields(there))
            continue
        old, new = _differing(_fields(was[identity]), _fields(there))
        if old:
            changed = ChangeKind.CHANGED
            yield Change(environment, changed, kind, table, there.name, old, new)


def _identity(described: _Described) -> int:
    return described.number if isinstance(described, ColumnDescription) else described.oid


def _differing(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    """Parts of a table are compared one by one."""
    names = [
        name
        for name, value in before.items()
        if name not in _PARTS_OF_TABLES and value != after[name]
    ]
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def _fields(described: _Described) -> Fields:
    return {name: _told(value) for name, value in asdict(described).items() if _is_told(name)}


def _is_told(name: str) -> bool:
    return name not in _LEFT_OUT


def _told(value: object) -> object:
    if isinstance(value, dict):
        return {name: _told(inner) for name, inner in value.items() if _is_told(name)}
    if isinstance(value, (list, tuple)):
        return [_told(inner) for inner in value]
    return value
