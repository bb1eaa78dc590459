"""Reviewed message types: the statements that exec_ddl runs."""

from domain.gate import alterations, definitions, objects, own_types, sequences
from domain.gate.reviewed_queries import COLUMN_UNSET
from domain.gate.walk import Reviewed

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
        checked="colname compression storage_name",
        plain="is_local",
        unset=COLUMN_UNSET,
        refused={"fdwoptions": "OPTIONS is not allowed: it belongs to foreign tables"},
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
        check=alterations.check_altered_object,
    ),
    "AlterTableCmd": Reviewed(
        checked="subtype name num def missing_ok",
        plain="behavior",
        unset="recurse",
        refused={"newowner": "OWNER TO is not allowed"},
        check=alterations.check_alteration,
    ),
    "ATAlterConstraint": Reviewed(
        labels="conname",
        plain="alter_enforceability is_enforced alter_deferrability deferrable initdeferred",
        refused={
            "alter_inheritability": "ALTER CONSTRAINT … INHERIT is not allowed",
            "noinherit": "ALTER CONSTRAINT … NO INHERIT is not allowed",
        },
    ),
    "RenameStmt": Reviewed(
        walk="relation",
        checked="rename_type relation_type subname newname object",
        plain="behavior missing_ok",
        check=objects.check_rename,
    ),
    "DropStmt": Reviewed(
        checked="objects remove_type",
        plain="behavior missing_ok",
        refused={"concurrent": "CONCURRENTLY is not allowed: DDL runs in a transaction"},
        check=objects.check_drop,
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
        check=objects.check_comment,
    ),
    "ViewStmt": Reviewed(
        walk="view query",
        checked="options",
        labels="aliases",
        plain="replace with_check_option",
        check=definitions.check_view,
    ),
    "CreateSeqStmt": Reviewed(
        walk="sequence",
        checked="options",
        plain="if_not_exists",
        unset="owner_id for_identity",
        check=sequences.check_sequence,
    ),
    "AlterSeqStmt": Reviewed(
        walk="sequence",
        checked="options",
        plain="missing_ok",
        unset="for_identity",
        check=sequences.check_sequence,
    ),
    "CreateEnumStmt": Reviewed(
        checked="type_name",
        labels="vals",
        check=own_types.check_enum,
    ),
    "AlterEnumStmt": Reviewed(
        checked="type_name",
        labels="old_val new_val new_val_neighbor",
        plain="new_val_is_after skip_if_new_val_exists",
        check=own_types.check_altered_enum,
    ),
    "CreateDomainStmt": Reviewed(
        walk="type_name coll_clause constraints",
        checked="domainname",
        check=own_types.check_domain,
    ),
    "AlterDomainStmt": Reviewed(
        walk="def",
        checked="subtype type_name",
        labels="name",
        plain="behavior missing_ok",
        check=own_types.check_altered_domain,
    ),
    "CreateStatsStmt": Reviewed(
        walk="exprs relations",
        checked="defnames stat_types",
        plain="if_not_exists",
        unset="stxcomment transformed",
        check=definitions.check_statistics,
    ),
    "StatsElem": Reviewed(walk="expr", labels="name"),
    "AlterStatsStmt": Reviewed(
        walk="stxstattarget",
        checked="defnames",
        plain="missing_ok",
        check=definitions.check_altered_statistics,
    ),
}
