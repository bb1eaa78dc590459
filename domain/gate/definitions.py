"""Checks of what exec_ddl may make: tables and their columns and constraints, indexes, views."""

from collections.abc import Iterable

from postgast import pg_query_pb2 as tree

from domain.gate.hints import MATERIALIZED_VIEW
from domain.gate.inspection import Inspection
from domain.gate.names import NOTHING, check_operator, check_own_names, strings_in
from domain.gate.options import (
    COMPRESSION_WORDS,
    IDENTITY_OPTIONS,
    INDEX_OPTIONS,
    STORAGE_WORDS,
    TABLE_OPTIONS,
    VIEW_OPTIONS,
    check_options,
    check_word,
)
from domain.gate.vocabulary import INDEX_METHODS, MANAGED_COLUMNS, SYSTEM_PREFIX
from domain.gate.wording import words_for_object
from exceptions.errors import TwinbaseError

CONSTRAINTS = frozenset(
    {
        tree.CONSTR_NULL,
        tree.CONSTR_NOTNULL,
        tree.CONSTR_DEFAULT,
        tree.CONSTR_IDENTITY,
        tree.CONSTR_GENERATED,
        tree.CONSTR_CHECK,
        tree.CONSTR_PRIMARY,
        tree.CONSTR_UNIQUE,
        tree.CONSTR_EXCLUSION,
        tree.CONSTR_FOREIGN,
        tree.CONSTR_ATTR_DEFERRABLE,
        tree.CONSTR_ATTR_NOT_DEFERRABLE,
        tree.CONSTR_ATTR_DEFERRED,
        tree.CONSTR_ATTR_IMMEDIATE,
        tree.CONSTR_ATTR_ENFORCED,
        tree.CONSTR_ATTR_NOT_ENFORCED,
    },
)

GENERATED_STORED = "s"


def check_table(table: tree.CreateStmt, inspection: Inspection) -> Iterable[tree.Node]:
    check_options(table.options, TABLE_OPTIONS, inspection)
    return _check_on_commit(table.oncommit, inspection)


def check_table_from_query(into: tree.IntoClause, inspection: Inspection) -> Iterable[tree.Node]:
    check_options(into.options, TABLE_OPTIONS, inspection)
    return _check_on_commit(into.on_commit, inspection)


def _check_on_commit(action: int, inspection: Inspection) -> Iterable[tree.Node]:
    if action != tree.ONCOMMIT_NOOP:
        raise inspection.refused("ON COMMIT is not allowed: it belongs to temporary tables")
    return NOTHING


def check_create_as(create: tree.CreateTableAsStmt, inspection: Inspection) -> Iterable[tree.Node]:
    if create.objtype != tree.OBJECT_TABLE:
        raise inspection.refused(
            f"CREATE {words_for_object(create.objtype)} is not allowed: {MATERIALIZED_VIEW}",
        )
    if not create.query.HasField("select_stmt"):
        raise inspection.refused("CREATE TABLE AS takes a SELECT, VALUES or TABLE only")
    return NOTHING


def check_column_definition(column: tree.ColumnDef, inspection: Inspection) -> Iterable[tree.Node]:
    if column.colname.startswith(SYSTEM_PREFIX):
        raise inspection.foreign([column.colname])
    if column.colname in MANAGED_COLUMNS and any(
        node.constraint.contype == tree.CONSTR_GENERATED for node in column.constraints
    ):
        raise managed(column.colname, inspection)
    if column.storage_name:
        check_word("STORAGE", column.storage_name, STORAGE_WORDS, inspection)
    if column.compression:
        check_word("COMPRESSION", column.compression, COMPRESSION_WORDS, inspection)
    return NOTHING


def managed(column: str, inspection: Inspection) -> TwinbaseError:
    return inspection.refused(
        f"column {column} is managed by the service: it cannot be added, dropped, renamed,"
        " generated or given another type or default",
    )


def check_constraint(constraint: tree.Constraint, inspection: Inspection) -> Iterable[tree.Node]:
    kind = constraint.contype
    if kind not in CONSTRAINTS:
        raise inspection.refused("This kind of constraint is not allowed")
    if kind == tree.CONSTR_GENERATED and constraint.generated_kind != GENERATED_STORED:
        raise inspection.refused("Generated columns are allowed as STORED only")
    options = IDENTITY_OPTIONS if kind == tree.CONSTR_IDENTITY else INDEX_OPTIONS
    check_options(constraint.options, options, inspection)
    if constraint.access_method:
        _check_index_method(constraint.access_method, inspection)
    return list(_excluded_elements(constraint, inspection))


def _excluded_elements(
    constraint: tree.Constraint,
    inspection: Inspection,
) -> Iterable[tree.Node]:
    """EXCLUDE (element WITH operator, …): the operators are judged here."""
    for pair in constraint.exclusions:
        element, operator = pair.list.items
        check_operator(operator.list.items, inspection)
        yield element


def check_index(index: tree.IndexStmt, inspection: Inspection) -> Iterable[tree.Node]:
    if index.idxname.startswith(SYSTEM_PREFIX):
        raise inspection.foreign([index.idxname])
    _check_index_method(index.access_method, inspection)
    return check_options(index.options, INDEX_OPTIONS, inspection)


def _check_index_method(method: str, inspection: Inspection) -> None:
    if method not in INDEX_METHODS:
        known = ", ".join(sorted(INDEX_METHODS))
        raise inspection.refused(f"index method {method} is not allowed: there are {known}")


def check_view(view: tree.ViewStmt, inspection: Inspection) -> Iterable[tree.Node]:
    return check_options(view.options, VIEW_OPTIONS, inspection)


STATISTICS_KINDS = frozenset({"ndistinct", "dependencies", "mcv"})


def check_statistics(create: tree.CreateStatsStmt, inspection: Inspection) -> Iterable[tree.Node]:
    if create.defnames:
        check_own_names(strings_in(create.defnames, inspection), 1, inspection)
    for kind in strings_in(create.stat_types, inspection):
        check_word("statistics", kind, STATISTICS_KINDS, inspection)
    return NOTHING


def check_altered_statistics(
    alter: tree.AlterStatsStmt,
    inspection: Inspection,
) -> Iterable[tree.Node]:
    check_own_names(strings_in(alter.defnames, inspection), 1, inspection)
    return NOTHING
