"""Checks of what exec_ddl may make, change and drop."""

from collections.abc import Iterable

from postgast import pg_query_pb2 as tree

from domain.gate.inspection import Inspection
from domain.gate.names import NOTHING, SYSTEM_PREFIX, check_operator, strings_in
from domain.gate.vocabulary import INDEX_METHODS, MANAGED_COLUMNS
from domain.gate.wording import words_for_object
from exceptions.errors import TwinbaseError

STORAGE_OPTIONS = frozenset({"fillfactor"})
INDEX_OPTIONS = frozenset({"fillfactor", "gin_pending_list_limit", "pages_per_range"})

# Not OWNED BY and SEQUENCE NAME, which name a relation; not AS, which PostgreSQL refuses.
SEQUENCE_OPTIONS = frozenset(
    {"generated", "start", "restart", "increment", "minvalue", "maxvalue", "cache", "cycle"},
)

DROPPED = frozenset({tree.OBJECT_TABLE, tree.OBJECT_INDEX})

# What COMMENT ON may name, and of how many parts such a name is without a schema.
COMMENTED_PARTS = {
    tree.OBJECT_TABLE: 1,
    tree.OBJECT_INDEX: 1,
    tree.OBJECT_COLUMN: 2,
    tree.OBJECT_TABCONSTRAINT: 2,
}

RENAMED = frozenset(
    {tree.OBJECT_TABLE, tree.OBJECT_INDEX, tree.OBJECT_COLUMN, tree.OBJECT_TABCONSTRAINT},
)

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
    _check_options(table.options, STORAGE_OPTIONS, inspection)
    return _check_on_commit(table.oncommit, inspection)


def check_table_from_query(into: tree.IntoClause, inspection: Inspection) -> Iterable[tree.Node]:
    _check_options(into.options, STORAGE_OPTIONS, inspection)
    return _check_on_commit(into.on_commit, inspection)


def _check_on_commit(action: int, inspection: Inspection) -> Iterable[tree.Node]:
    if action != tree.ONCOMMIT_NOOP:
        raise inspection.refused("ON COMMIT is not allowed: it belongs to temporary tables")
    return NOTHING


def check_create_as(create: tree.CreateTableAsStmt, inspection: Inspection) -> Iterable[tree.Node]:
    if create.objtype != tree.OBJECT_TABLE:
        raise inspection.refused(
            f"CREATE {words_for_object(create.objtype)} is not allowed: use CREATE TABLE AS",
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
    options = SEQUENCE_OPTIONS if kind == tree.CONSTR_IDENTITY else STORAGE_OPTIONS
    _check_options(constraint.options, options, inspection)
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
    return _check_options(index.options, INDEX_OPTIONS, inspection)


def _check_index_method(method: str, inspection: Inspection) -> None:
    if method not in INDEX_METHODS:
        known = ", ".join(sorted(INDEX_METHODS))
        raise inspection.refused(f"index method {method} is not allowed: there are {known}")


def check_drop(drop: tree.DropStmt, inspection: Inspection) -> Iterable[tree.Node]:
    if drop.remove_type not in DROPPED:
        raise inspection.refused(
            f"DROP {words_for_object(drop.remove_type)} is not allowed:"
            " exec_ddl drops tables and indexes",
        )
    for node in drop.objects:
        _check_own(strings_in(node.list.items, inspection), 1, inspection)
    return NOTHING


def check_comment(comment: tree.CommentStmt, inspection: Inspection) -> Iterable[tree.Node]:
    parts = COMMENTED_PARTS.get(comment.objtype)
    if parts is None:
        raise inspection.refused(
            f"COMMENT ON {words_for_object(comment.objtype)} is not allowed:"
            " exec_ddl comments tables, columns, indexes and constraints",
        )
    _check_own(strings_in(comment.object.list.items, inspection), parts, inspection)
    return NOTHING


def _check_own(names: list[str], parts: int, inspection: Inspection) -> None:
    if len(names) != parts or any(name.startswith(SYSTEM_PREFIX) for name in names):
        raise inspection.foreign(names)
    inspection.relations.update(names)


def check_rename(rename: tree.RenameStmt, inspection: Inspection) -> Iterable[tree.Node]:
    of_column = rename.rename_type == tree.OBJECT_COLUMN
    if rename.rename_type not in RENAMED or (
        of_column and rename.relation_type != tree.OBJECT_TABLE
    ):
        raise inspection.refused(
            f"Renaming a {words_for_object(rename.rename_type)} is not allowed:"
            " exec_ddl renames tables, their columns and constraints, and indexes",
        )
    for name in (rename.subname, rename.newname):
        if name.startswith(SYSTEM_PREFIX):
            raise inspection.foreign([name])
        if of_column and name in MANAGED_COLUMNS:
            raise managed(name, inspection)
    return NOTHING


def check_altered_object(alter: tree.AlterTableStmt, inspection: Inspection) -> Iterable[tree.Node]:
    if alter.objtype != tree.OBJECT_TABLE:
        raise inspection.refused(
            f"ALTER {words_for_object(alter.objtype)} is not allowed: exec_ddl alters tables",
        )
    return NOTHING


def check_options_of_identity(
    options: Iterable[tree.Node],
    inspection: Inspection,
) -> Iterable[tree.Node]:
    return _check_options(options, SEQUENCE_OPTIONS, inspection)


def _check_options(
    options: Iterable[tree.Node],
    allowed: frozenset[str],
    inspection: Inspection,
) -> Iterable[tree.Node]:
    """Options are words with a number; none of those allowed takes a name."""
    for node in options:
        option = node.def_elem
        value = option.arg.WhichOneof("node")
        if (
            option.defname not in allowed
            or option.defnamespace
            or value not in {None, "integer", "float", "boolean"}
        ):
            raise inspection.refused(
                f"option {option.defname} is not allowed here:"
                f" allowed are {', '.join(sorted(allowed))}, with a number",
            )
    return NOTHING
