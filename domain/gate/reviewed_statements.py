"""Reviewed message types: queries, and the statements of either verb.

Absent, and so refused: MERGE, WHERE CURRENT OF, TABLESAMPLE, XMLTABLE, JSON_TABLE and
every statement that is not named here.
"""

from domain.gate import alterations, definitions, names
from domain.gate.reviewed_expressions import EXPRESSIONS, SQL_JSON
from domain.gate.walk import Reviewed

_COLUMN_UNSET = (
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
        unset="compression storage_name raw_default constraints fdwoptions " + _COLUMN_UNSET,
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
    ),
    "UpdateStmt": Reviewed(
        walk="relation target_list where_clause from_clause returning_clause with_clause",
    ),
    "DeleteStmt": Reviewed(walk="relation using_clause where_clause returning_clause with_clause"),
    "MultiAssignRef": Reviewed(walk="source", plain="colno ncolumns"),
    "OnConflictClause": Reviewed(walk="infer target_list where_clause", plain="action"),
    "InferClause": Reviewed(walk="index_elems where_clause", labels="conname"),
    "ReturningClause": Reviewed(walk="options exprs"),
    "ReturningOption": Reviewed(labels="value", plain="option"),
}

_TABLESPACE = "TABLESPACE is not allowed"
_ACCESS_METHOD = "USING is not allowed for a table: all have PostgreSQL's own access method"

DEFINITIONS = {
    "CreateStmt": Reviewed(
        walk="relation table_elts",
        checked="options oncommit",
        plain="if_not_exists",
        unset="constraints nnconstraints",
        refused={
            "inh_relations": "INHERITS is not allowed: LIKE copies another table's columns",
            "partspec": "PARTITION BY is not allowed: a table is kept whole",
            "partbound": "PARTITION OF is not allowed: a table is kept whole",
            "of_typename": "OF is not allowed: name the columns themselves",
            "tablespacename": _TABLESPACE,
            "access_method": _ACCESS_METHOD,
        },
        check=definitions.check_table,
    ),
    "ColumnDef": Reviewed(
        walk="type_name raw_default coll_clause constraints",
        checked="colname",
        plain="is_local",
        unset=_COLUMN_UNSET,
        refused={
            "compression": "COMPRESSION is not allowed",
            "storage_name": "STORAGE is not allowed",
            "fdwoptions": "OPTIONS is not allowed: it belongs to foreign tables",
        },
        check=definitions.check_column_definition,
    ),
    "Constraint": Reviewed(
        walk="raw_expr where_clause pktable",
        checked="contype generated_kind options exclusions access_method",
        labels="conname keys including indexname fk_attrs pk_attrs fk_del_set_cols",
        plain="deferrable initdeferred is_enforced skip_validation initially_valid"
        " is_no_inherit generated_when nulls_not_distinct without_overlaps fk_with_period"
        " pk_with_period fk_matchtype fk_upd_action fk_del_action",
        unset="cooked_expr reset_default_tblspc old_conpfeqop old_pktable_oid",
        refused={"indexspace": _TABLESPACE},
        check=definitions.check_constraint,
    ),
    "TableLikeClause": Reviewed(walk="relation", plain="options", unset="relation_oid"),
    "CreateTableAsStmt": Reviewed(
        walk="query into",
        checked="objtype",
        plain="if_not_exists",
        unset="is_select_into",
        check=definitions.check_create_as,
    ),
    "IntoClause": Reviewed(
        walk="rel",
        checked="options on_commit",
        labels="col_names",
        plain="skip_data",
        unset="view_query",
        refused={"access_method": _ACCESS_METHOD, "table_space_name": _TABLESPACE},
        check=definitions.check_table_from_query,
    ),
    "AlterTableStmt": Reviewed(
        walk="relation cmds",
        checked="objtype",
        plain="missing_ok",
        check=definitions.check_altered_object,
    ),
    "AlterTableCmd": Reviewed(
        checked="subtype name def missing_ok",
        plain="behavior",
        unset="recurse",
        refused={
            "newowner": "OWNER TO is not allowed",
            "num": "A column by its number is not allowed: write its name",
        },
        check=alterations.check_alteration,
    ),
    "RenameStmt": Reviewed(
        walk="relation",
        checked="rename_type relation_type subname newname",
        plain="behavior missing_ok",
        refused={"object": "Only tables, columns, constraints and indexes are renamed"},
        check=definitions.check_rename,
    ),
    "DropStmt": Reviewed(
        checked="objects remove_type",
        plain="behavior missing_ok",
        refused={"concurrent": "CONCURRENTLY is not allowed: DDL runs in a transaction"},
        check=definitions.check_drop,
    ),
    "IndexStmt": Reviewed(
        walk="relation index_params index_including_params where_clause",
        checked="idxname access_method options",
        plain="unique nulls_not_distinct if_not_exists",
        unset="exclude_op_names idxcomment index_oid old_number old_create_subid primary"
        " old_first_relfilelocator_subid isconstraint iswithoutoverlaps deferrable initdeferred"
        " transformed reset_default_tblspc",
        refused={
            "concurrent": "CONCURRENTLY is not allowed: DDL runs in a transaction",
            "table_space": _TABLESPACE,
        },
        check=definitions.check_index,
    ),
    "CommentStmt": Reviewed(
        checked="objtype object",
        plain="comment",
        check=definitions.check_comment,
    ),
}

DML_GRAMMAR = EXPRESSIONS | SQL_JSON | QUERIES | CHANGES
DDL_GRAMMAR = EXPRESSIONS | SQL_JSON | QUERIES | DEFINITIONS
