"""Which kinds of object exec_ddl drops, comments and renames, and the names in doing so."""

from collections.abc import Iterable, Mapping

from postgast import pg_query_pb2 as tree

from domain.gate.definitions import managed
from domain.gate.inspection import Inspection
from domain.gate.names import NOTHING, check_own_names, strings_in
from domain.gate.own_types import check_new_name, check_own_type
from domain.gate.statements import DdlKind
from domain.gate.vocabulary import MANAGED_COLUMNS, SYSTEM_PREFIX
from domain.gate.wording import words_for_object

DROPPED: Mapping[int, DdlKind] = {
    tree.OBJECT_TABLE: DdlKind.DROP_TABLE,
    tree.OBJECT_INDEX: DdlKind.DROP_INDEX,
    tree.OBJECT_VIEW: DdlKind.DROP_VIEW,
    tree.OBJECT_SEQUENCE: DdlKind.DROP_SEQUENCE,
    tree.OBJECT_TYPE: DdlKind.DROP_TYPE,
    tree.OBJECT_DOMAIN: DdlKind.DROP_DOMAIN,
    tree.OBJECT_STATISTIC_EXT: DdlKind.DROP_STATISTICS,
}

# Their names are types' names: a TypeName in DROP and COMMENT, strings in RENAME.
TYPES = frozenset({tree.OBJECT_TYPE, tree.OBJECT_DOMAIN})

# What COMMENT ON may name, and of how many parts such a name is without a schema.
COMMENTED_PARTS: Mapping[int, int] = {
    tree.OBJECT_TABLE: 1,
    tree.OBJECT_INDEX: 1,
    tree.OBJECT_VIEW: 1,
    tree.OBJECT_SEQUENCE: 1,
    tree.OBJECT_TYPE: 1,
    tree.OBJECT_DOMAIN: 1,
    tree.OBJECT_STATISTIC_EXT: 1,
    tree.OBJECT_COLUMN: 2,
    tree.OBJECT_TABCONSTRAINT: 2,
    tree.OBJECT_DOMCONSTRAINT: 2,
}

# Of a column: of what. ALTER TYPE … RENAME ATTRIBUTE would rename a table's column, too.
RENAMED: Mapping[int, frozenset[int]] = {
    tree.OBJECT_TABLE: frozenset(),
    tree.OBJECT_INDEX: frozenset(),
    tree.OBJECT_VIEW: frozenset(),
    tree.OBJECT_SEQUENCE: frozenset(),
    tree.OBJECT_TYPE: frozenset(),
    tree.OBJECT_DOMAIN: frozenset(),
    tree.OBJECT_STATISTIC_EXT: frozenset(),
    tree.OBJECT_COLUMN: frozenset({tree.OBJECT_TABLE, tree.OBJECT_VIEW}),
    tree.OBJECT_TABCONSTRAINT: frozenset(),
    tree.OBJECT_DOMCONSTRAINT: frozenset(),
}


def check_drop(drop: tree.DropStmt, inspection: Inspection) -> Iterable[tree.Node]:
    if drop.remove_type not in DROPPED:
        raise inspection.refused(
            f"DROP {words_for_object(drop.remove_type)} is not allowed: exec_ddl drops tables,"
            " indexes, views, sequences, types, domains and statistics",
        )
    return [node for each in drop.objects for node in _check_object(each, 1, inspection)]


def check_comment(comment: tree.CommentStmt, inspection: Inspection) -> Iterable[tree.Node]:
    parts = COMMENTED_PARTS.get(comment.objtype)
    if parts is None:
        raise inspection.refused(
            f"COMMENT ON {words_for_object(comment.objtype)} is not allowed: exec_ddl comments"
            " tables, columns, indexes, constraints, views, sequences, types, domains and"
            " statistics",
        )
    return _check_object(comment.object, parts, inspection)


def _check_object(node: tree.Node, parts: int, inspection: Inspection) -> Iterable[tree.Node]:
    """A name of strings; or a type, alone or before the name of its constraint."""
    items = [node] if node.HasField("type_name") else node.list.items
    if items[0].HasField("type_name"):
        check_own_type(items[0].type_name.names, inspection)
        return items[:1]
    check_own_names(strings_in(items, inspection), parts, inspection)
    return NOTHING


def check_rename(rename: tree.RenameStmt, inspection: Inspection) -> Iterable[tree.Node]:
    kind = rename.rename_type
    of_what = RENAMED.get(kind)
    if of_what is None or (of_what and rename.relation_type not in of_what):
        raise inspection.refused(
            f"Renaming a {words_for_object(kind)} is not allowed: exec_ddl renames tables, views,"
            " their columns and constraints, indexes, sequences, types, domains and statistics",
        )
    for name in (rename.subname, rename.newname):
        if name.startswith(SYSTEM_PREFIX):
            raise inspection.foreign([name])
        # PostgreSQL takes ALTER VIEW for the column of a table, too.
        if of_what and name in MANAGED_COLUMNS:
            raise managed(name, inspection)
    if kind in TYPES:
        check_new_name(rename.newname, inspection)
    if rename.HasField("object"):
        _check_renamed(rename, inspection)
    return NOTHING


def _check_renamed(rename: tree.RenameStmt, inspection: Inspection) -> None:
    """What is no relation is a list of strings here, a type, too."""
    names = rename.object.list.items
    if rename.rename_type == tree.OBJECT_STATISTIC_EXT:
        check_own_names(strings_in(names, inspection), 1, inspection)
    else:
        check_own_type(names, inspection)
