"""Reviewed message types: queries, and the statements that exec_dml runs beside them.

Absent, and so refused: WHERE CURRENT OF, XMLTABLE, and every statement that is not here.
"""

from domain.gate import names
from domain.gate.inspection import remember_change
from domain.gate.walk import Reviewed

# For either verb's ColumnDef.
COLUMN_UNSET = (
    "inhcount is_not_null is_from_type storage cooked_default identity identity_sequence"
    " generated coll_oid"
)

QUERIES = {
    "SelectStmt": Reviewed(
        walk="distinct_clause target_list from_clause where_clause group_clause having_clause"
        " window_clause values_lists sort_clause limit_offset limit_count locking_clause"
        " with_clause larg rarg",
        plain="group_distinct limit_option op all",
        refused={"into_clause": "SELECT INTO is not allowed: exec_ddl runs CREATE TABLE AS"},
    ),
    "WithClause": Reviewed(walk="ctes", plain="recursive"),
    "CommonTableExpr": Reviewed(
        walk="ctequery search_clause cycle_clause",
        labels="ctename aliascolnames",
        plain="ctematerialized",
        unset="cterecursive cterefcount ctecolnames ctecoltypes ctecoltypmods ctecolcollations",
    ),
    "CTESearchClause": Reviewed(
        labels="search_col_list search_seq_column",
        plain="search_breadth_first",
    ),
    "CTECycleClause": Reviewed(
        walk="cycle_mark_value cycle_mark_default",
        labels="cycle_col_list cycle_mark_column cycle_path_column",
        unset="cycle_mark_type cycle_mark_typmod cycle_mark_collation cycle_mark_neop",
    ),
    "ResTarget": Reviewed(walk="val indirection", labels="name"),
    "SortBy": Reviewed(
        walk="node",
        checked="use_op",
        plain="sortby_dir sortby_nulls",
        check=names.check_sort,
    ),
    "GroupingSet": Reviewed(walk="content", plain="kind"),
    "LockingClause": Reviewed(walk="locked_rels", plain="strength wait_policy"),
    # FROM
    "RangeVar": Reviewed(
        walk="alias",
        checked="catalogname schemaname relname relpersistence",
        plain="inh",
        check=names.check_relation,
    ),
    "Alias": Reviewed(labels="aliasname colnames"),
    "RangeSubselect": Reviewed(walk="subquery alias", plain="lateral"),
    "RangeFunction": Reviewed(
        walk="functions coldeflist alias",
        plain="lateral ordinality is_rowsfrom",
        check=names.check_function_in_from,
    ),
    "RangeTableSample": Reviewed(
        walk="relation args repeatable",
        checked="method",
        check=names.check_sample,
    ),
    "JsonTable": Reviewed(
        walk="context_item pathspec passing columns on_error alias",
        plain="lateral",
    ),
    "JsonTablePathSpec": Reviewed(walk="string", labels="name", plain="name_location"),
    "JsonTableColumn": Reviewed(
        walk="type_name pathspec format columns on_empty on_error",
        labels="name",
        plain="coltype wrapper quotes",
    ),
    "JoinExpr": Reviewed(
        walk="larg rarg quals alias join_using_alias",
        labels="using_clause",
        plain="jointype is_natural",
        unset="rtindex",
    ),
    "ColumnDef": Reviewed(  # FROM json_to_record(…) AS t(name type, …)
        walk="type_name coll_clause",
        labels="colname",
        plain="is_local",
        unset="compression storage_name raw_default constraints fdwoptions " + COLUMN_UNSET,
    ),
    # CREATE INDEX, EXCLUDE and ON CONFLICT
    "IndexElem": Reviewed(
        walk="expr",
        checked="name collation opclass",
        plain="ordering nulls_ordering",
        unset="indexcolname",
        refused={"opclassopts": "Options of an operator class are not allowed"},
        check=names.check_index_element,
    ),
}

CHANGES = {
    "InsertStmt": Reviewed(
        walk="relation cols select_stmt on_conflict_clause returning_clause with_clause",
        plain="override",
        check=remember_change,
    ),
    "UpdateStmt": Reviewed(
        walk="relation target_list where_clause from_clause returning_clause with_clause",
        check=remember_change,
    ),
    "DeleteStmt": Reviewed(
        walk="relation using_clause where_clause returning_clause with_clause",
        check=remember_change,
    ),
    "MergeStmt": Reviewed(
        walk="relation source_relation join_condition merge_when_clauses returning_clause"
        " with_clause",
        check=remember_change,
    ),
    "MergeWhenClause": Reviewed(
        walk="condition target_list values",
        plain="match_kind command_type override",
    ),
    "MergeSupportFunc": Reviewed(unset="msftype msfcollid", leaf=True),
    "MultiAssignRef": Reviewed(
        checked="source",
        plain="colno ncolumns",
        check=names.nodes_of_first_copy,
    ),
    "OnConflictClause": Reviewed(walk="infer target_list where_clause", plain="action"),
    "InferClause": Reviewed(walk="index_elems where_clause", labels="conname"),
    "ReturningClause": Reviewed(walk="options exprs"),
    "ReturningOption": Reviewed(labels="value", plain="option"),
}
