"""Reviewed message types: expressions, which occur in both verbs."""

from domain.gate import expressions, names, own_types
from domain.gate.walk import Reviewed

EXPRESSIONS = {
    # leaves
    "A_Const": Reviewed(plain="ival fval boolval sval bsval isnull", leaf=True),
    "A_Star": Reviewed(leaf=True),
    "Integer": Reviewed(plain="ival", leaf=True),
    "ColumnRef": Reviewed(checked="fields", check=names.check_column, leaf=True),
    "ParamRef": Reviewed(plain="number", check=expressions.check_parameter, leaf=True),
    "SetToDefault": Reviewed(unset="type_id type_mod collation", leaf=True),
    "SQLValueFunction": Reviewed(
        plain="op typmod",
        unset="type",
        check=expressions.check_value_function,
    ),
    # operators and tests
    "A_Expr": Reviewed(
        walk="lexpr rexpr",
        checked="name",
        plain="kind rexpr_list_start rexpr_list_end",
        check=names.check_expression,
    ),
    "BoolExpr": Reviewed(walk="args", plain="boolop"),
    "NullTest": Reviewed(walk="arg", plain="nulltesttype argisrow"),
    "BooleanTest": Reviewed(walk="arg", plain="booltesttype"),
    "SubLink": Reviewed(
        walk="testexpr subselect",
        checked="oper_name",
        plain="sub_link_type sub_link_id",
        check=names.check_sublink,
    ),
    # choices
    "CaseExpr": Reviewed(walk="arg args defresult", unset="casetype casecollid"),
    "CaseWhen": Reviewed(walk="expr result"),
    "CoalesceExpr": Reviewed(walk="args", unset="coalescetype coalescecollid"),
    "MinMaxExpr": Reviewed(
        walk="args",
        plain="op",
        unset="minmaxtype minmaxcollid inputcollid",
    ),
    # functions
    "FuncCall": Reviewed(
        walk="agg_order agg_filter over",
        checked="funcname args",
        plain="agg_within_group agg_star agg_distinct func_variadic funcformat",
        check=expressions.check_function,
    ),
    "NamedArgExpr": Reviewed(walk="arg", labels="name", plain="argnumber"),
    "WindowDef": Reviewed(
        walk="partition_clause order_clause start_offset end_offset",
        labels="name refname",
        plain="frame_options",
    ),
    "GroupingFunc": Reviewed(walk="args", unset="refs agglevelsup"),
    # types and collations
    "TypeCast": Reviewed(walk="arg type_name"),
    "TypeName": Reviewed(
        walk="typmods array_bounds",
        checked="names",
        plain="typemod",
        unset="type_oid",
        refused={
            "setof": "SETOF is not allowed",
            "pct_type": "%TYPE is not allowed: write the type itself",
        },
        check=own_types.check_type,
    ),
    "CollateClause": Reviewed(walk="arg", checked="collname", check=names.check_collation),
    # rows, arrays, their parts
    "RowExpr": Reviewed(walk="args", plain="row_format", labels="colnames", unset="row_typeid"),
    "A_ArrayExpr": Reviewed(walk="elements", plain="list_start list_end"),
    "A_Indirection": Reviewed(walk="arg", checked="indirection", check=names.check_fields),
    "A_Indices": Reviewed(walk="lidx uidx", plain="is_slice"),
    "List": Reviewed(walk="items"),
}

SQL_JSON = {
    "JsonFormat": Reviewed(plain="format_type encoding"),
    "JsonReturning": Reviewed(walk="format", plain="typmod", unset="typid"),
    "JsonOutput": Reviewed(walk="type_name returning"),
    "JsonValueExpr": Reviewed(walk="raw_expr format", unset="formatted_expr"),
    "JsonKeyValue": Reviewed(walk="key value"),
    "JsonArgument": Reviewed(walk="val", labels="name"),
    "JsonBehavior": Reviewed(walk="expr", plain="btype", unset="coerce"),
    "JsonObjectConstructor": Reviewed(walk="exprs output", plain="absent_on_null unique"),
    "JsonArrayConstructor": Reviewed(walk="exprs output", plain="absent_on_null"),
    "JsonArrayQueryConstructor": Reviewed(walk="query output format", plain="absent_on_null"),
    "JsonAggConstructor": Reviewed(walk="output agg_filter agg_order over"),
    "JsonObjectAgg": Reviewed(walk="constructor arg", plain="absent_on_null unique"),
    "JsonArrayAgg": Reviewed(walk="constructor arg", plain="absent_on_null"),
    "JsonParseExpr": Reviewed(walk="expr output", plain="unique_keys"),
    "JsonScalarExpr": Reviewed(walk="expr output"),
    "JsonSerializeExpr": Reviewed(walk="expr output"),
    "JsonIsPredicate": Reviewed(walk="expr format", plain="item_type unique_keys"),
    "JsonFuncExpr": Reviewed(
        walk="context_item pathspec passing output on_empty on_error",
        plain="op wrapper quotes",
        unset="column_name",
    ),
}
