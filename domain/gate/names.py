"""Checks of names: of relations and columns, and of what only pg_catalog may provide.

A relation that is not the tenant's is answered with NoAuthority, in one form whether it
exists or not; another kind of name that is not allowed, with the verb's own refusal.
"""

from collections.abc import Iterable, Sequence

from postgast import pg_query_pb2 as tree

from domain.gate.inspection import Inspection
from domain.gate.vocabulary import (
    FIELD_NAMES,
    ROW_FUNCTIONS,
    SAMPLING_METHODS,
    SETS_OF_VALUES,
    SYSTEM_PREFIX,
)

NOTHING: tuple[tree.Node, ...] = ()


def strings_in(nodes: Iterable[tree.Node], inspection: Inspection) -> list[str]:
    """The names in a list of String nodes; `*` is an empty one."""
    names = [node.string.sval for node in nodes]
    if "" in names and not all(node.WhichOneof("node") in {"string", "a_star"} for node in nodes):
        raise inspection.refused("A name that is not made of words is not allowed")
    return names


def _is_one_name(nodes: Sequence[tree.Node]) -> bool:
    """Most are, and then they need not be put into a list to be looked at."""
    return len(nodes) == 1 and nodes[0].string.sval != ""


def in_pg_catalog(names: Sequence[str]) -> str | None:
    """The bare name, if it stands alone or is expressly pg_catalog's."""
    match names:
        case [name] | ["pg_catalog", name]:
            return name
    return None


def literal_of(node: tree.Node, cast_to: str, inspection: Inspection) -> str | None:
    """A text written as it is, or as such and cast to one type of pg_catalog."""
    cast = node.type_cast
    if node.HasField("type_cast") and not (cast.type_name.typmods or cast.type_name.array_bounds):
        names = strings_in(cast.type_name.names, inspection)
        if in_pg_catalog(names) == cast_to:
            node = cast.arg
    literal = node.a_const
    return literal.sval.sval if literal.HasField("sval") else None


def check_own_names(names: Sequence[str], parts: int, inspection: Inspection) -> None:
    """A name outside any expression: of an object, or of an object and a part of it."""
    if len(names) != parts or any(name.startswith(SYSTEM_PREFIX) for name in names):
        raise inspection.foreign(names)
    inspection.relations.add(names[0])


def check_relation(relation: tree.RangeVar, inspection: Inspection) -> Iterable[tree.Node]:
    schema = relation.schemaname
    if (
        relation.catalogname
        or (schema and schema != inspection.rules.schema_name)
        or relation.relname.startswith(SYSTEM_PREFIX)
    ):
        parts = (relation.catalogname, schema, relation.relname)
        raise inspection.foreign(part for part in parts if part)
    if relation.relpersistence != "p":
        raise inspection.refused(
            "Temporary and unlogged tables, views and sequences are not allowed"
        )
    inspection.relations.add(relation.relname)
    return NOTHING


def check_column(column: tree.ColumnRef, inspection: Inspection) -> Iterable[tree.Node]:
    if _is_one_name(column.fields) and not column.fields[0].string.sval.startswith(SYSTEM_PREFIX):
        return NOTHING
    names = strings_in(column.fields, inspection)
    for name in names:
        # Not only for relations: `alias.pg_x` calls the function pg_x if there is no such column.
        if name.startswith(SYSTEM_PREFIX):
            raise inspection.foreign(names)
    match names:
        case [_] | [_, ""]:
            pass
        case [*_, name] if name in ROW_FUNCTIONS:
            raise inspection.refused(f"function {name} is not allowed")
        case [qualifier, name]:
            inspection.add_qualified_column(qualifier, name)
        case [schema, _, _] if schema == inspection.rules.schema_name:
            pass
        case _:
            raise inspection.foreign(names)
    return NOTHING


def check_fields(indirection: tree.A_Indirection, inspection: Inspection) -> Iterable[tree.Node]:
    """`(expression).name`, which is `name(expression)` too: see FIELD_NAMES."""
    subscripts = []
    for node in indirection.indirection:
        match node.WhichOneof("node"):
            case "a_indices":
                subscripts.append(node)
            case "string" if node.string.sval not in FIELD_NAMES:
                raise inspection.refused(
                    f'(…)."{node.string.sval}" is not allowed, since it may call a function:'
                    " name the column as table.column",
                )
            case "string" | "a_star":
                pass
            case _:
                raise inspection.refused("This kind of (…).name is not allowed")
    return subscripts


def nodes_of_first_copy(
    assigned: tree.MultiAssignRef,
    _inspection: Inspection,
) -> Iterable[tree.Node]:
    """SET (a, b, c) = source: libpg_query writes the one source into each of the targets."""
    return (assigned.source,) if assigned.colno == 1 else NOTHING


def check_function_in_from(
    function: tree.RangeFunction,
    inspection: Inspection,
) -> Iterable[tree.Node]:
    """Remember which `alias.name` are columns for certain: see Inspection.finish."""
    calls = [member.list.items[0].func_call for member in function.functions]
    names = [call.funcname[-1].string.sval for call in calls if call.funcname]
    alias = function.alias.aliasname
    if not alias and len(names) < len(calls):
        raise inspection.refused("An expression in FROM needs an alias: FROM … AS name")
    columns = strings_in(function.alias.colnames, inspection)
    columns += [node.column_def.colname for node in function.coldeflist]
    for name in [alias] if alias else names:
        inspection.add_function_in_from(name, frozenset(columns) or _own_column(name, names))
    return NOTHING


def _own_column(name: str, functions: list[str]) -> frozenset[str]:
    """The column that is named as its function's alias, where that is certain."""
    match functions:
        case [function] if function in SETS_OF_VALUES:
            return frozenset({name})
    return frozenset()


def check_sample(sample: tree.RangeTableSample, inspection: Inspection) -> Iterable[tree.Node]:
    names = strings_in(sample.method, inspection)
    if in_pg_catalog(names) not in SAMPLING_METHODS:
        known = ", ".join(sorted(SAMPLING_METHODS))
        raise inspection.refused(
            f"sampling method {'.'.join(names)} is not allowed: there are {known}",
        )
    return NOTHING


def check_operator(names: Sequence[tree.Node], inspection: Inspection) -> Iterable[tree.Node]:
    return _only_in_pg_catalog("operator", names, inspection)


def check_expression(expression: tree.A_Expr, inspection: Inspection) -> Iterable[tree.Node]:
    return check_operator(expression.name, inspection)


def check_sublink(sublink: tree.SubLink, inspection: Inspection) -> Iterable[tree.Node]:
    return check_operator(sublink.oper_name, inspection) if sublink.oper_name else NOTHING


def check_sort(sort: tree.SortBy, inspection: Inspection) -> Iterable[tree.Node]:
    return check_operator(sort.use_op, inspection) if sort.use_op else NOTHING


def check_collation(clause: tree.CollateClause, inspection: Inspection) -> Iterable[tree.Node]:
    return _only_in_pg_catalog("collation", clause.collname, inspection)


def check_index_element(element: tree.IndexElem, inspection: Inspection) -> Iterable[tree.Node]:
    if element.name.startswith(SYSTEM_PREFIX):
        raise inspection.foreign([element.name])
    for noun, names in (("collation", element.collation), ("operator class", element.opclass)):
        if names:
            _only_in_pg_catalog(noun, names, inspection)
    return NOTHING


def _only_in_pg_catalog(
    noun: str,
    nodes: Sequence[tree.Node],
    inspection: Inspection,
) -> Iterable[tree.Node]:
    if _is_one_name(nodes):
        return NOTHING
    names = strings_in(nodes, inspection)
    if in_pg_catalog(names) is None:
        raise inspection.refused(
            f"{noun} {'.'.join(names)} is not allowed: write it without a schema",
        )
    return NOTHING
