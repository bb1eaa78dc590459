"""The forms of ALTER TABLE and ALTER INDEX: which there are, which spare the managed columns."""

from collections.abc import Callable, Iterable, Mapping

from postgast import pg_query_pb2 as tree

from domain.gate.definitions import managed
from domain.gate.inspection import Inspection
from domain.gate.names import NOTHING
from domain.gate.options import (
    COLUMN_OPTIONS,
    COMPRESSION_WORDS,
    IDENTITY_OPTIONS,
    INDEX_OPTIONS,
    STORAGE_WORDS,
    TABLE_OPTIONS,
    Options,
    check_options,
    check_word,
)
from domain.gate.vocabulary import MANAGED_COLUMNS
from domain.gate.wording import words_for_alter, words_for_object

# Each changes something that the catalog keeps beside the table, for a clone to read.
FORMS_FOR_ANY_COLUMN = frozenset(
    {
        tree.AT_AddColumn,
        tree.AT_SetNotNull,
        tree.AT_AddConstraint,
        tree.AT_AlterConstraint,
        tree.AT_ValidateConstraint,
        tree.AT_DropConstraint,
        tree.AT_SetStatistics,
        tree.AT_SetStorage,
        tree.AT_SetCompression,
        tree.AT_SetOptions,
        tree.AT_ResetOptions,
        tree.AT_SetRelOptions,
        tree.AT_ResetRelOptions,
        tree.AT_ClusterOn,
        tree.AT_DropCluster,
    },
)

FORMS_FOR_OWN_COLUMNS = frozenset(
    {
        tree.AT_DropColumn,
        tree.AT_AlterColumnType,
        tree.AT_ColumnDefault,
        tree.AT_DropNotNull,
        tree.AT_AddIdentity,
        tree.AT_SetIdentity,
        tree.AT_DropIdentity,
        tree.AT_SetExpression,
        tree.AT_DropExpression,
    },
)

# Its columns are numbered, and only expressions among them have statistics of their own.
FORMS_OF_INDEX = frozenset(
    {tree.AT_SetRelOptions, tree.AT_ResetRelOptions, tree.AT_SetStatistics},
)

FORMS: Mapping[int, frozenset[int]] = {
    tree.OBJECT_TABLE: FORMS_FOR_ANY_COLUMN | FORMS_FOR_OWN_COLUMNS,
    tree.OBJECT_INDEX: FORMS_OF_INDEX,
}

# Not of a column or a constraint.
_OF_THE_OBJECT = frozenset({tree.AT_SetRelOptions, tree.AT_ResetRelOptions})

_OPTIONS: Mapping[int, Options] = {
    tree.OBJECT_TABLE: TABLE_OPTIONS,
    tree.OBJECT_INDEX: INDEX_OPTIONS,
}

_WHAT_IS_ALTERED: Mapping[int, str] = {
    tree.OBJECT_TABLE: "exec_ddl adds, alters and drops columns and constraints, sets options,"
    " and renames",
    tree.OBJECT_INDEX: "exec_ddl sets options and statistics of indexes, and renames them",
}


def check_altered_object(alter: tree.AlterTableStmt, inspection: Inspection) -> Iterable[tree.Node]:
    """What depends on the kind of object; the rest is judged command by command."""
    kind = alter.objtype
    if kind not in FORMS:
        raise inspection.refused(
            f"ALTER {words_for_object(kind)} is not allowed in this form: exec_ddl alters tables"
            " and indexes, and renames views",
        )
    for node in alter.cmds:
        command = node.alter_table_cmd
        if command.subtype not in FORMS[kind]:
            raise inspection.refused(
                f"ALTER {words_for_object(kind)} … {words_for_alter(command.subtype)} is not"
                f" allowed: {_WHAT_IS_ALTERED[kind]}",
            )
        if command.num and kind != tree.OBJECT_INDEX:
            raise inspection.refused(
                "A column by its number is not allowed: write its name",
            )
        if command.subtype in _OF_THE_OBJECT:
            check_options(_definition(command).list.items, _OPTIONS[kind], inspection)
    return NOTHING


def check_alteration(command: tree.AlterTableCmd, inspection: Inspection) -> Iterable[tree.Node]:
    subtype = command.subtype
    if subtype in FORMS_FOR_OWN_COLUMNS and command.name in MANAGED_COLUMNS:
        raise managed(command.name, inspection)
    if not command.HasField("def"):
        return NOTHING
    definition = _definition(command)
    check = _CHECKED_DEFINITIONS.get(subtype)
    if check is not None:
        check(definition, inspection)
    if check is not None or subtype in _OF_THE_OBJECT:
        return NOTHING
    if subtype == tree.AT_AddColumn:
        # They are always there already, so that IF NOT EXISTS makes this do nothing.
        column = definition.column_def.colname
        if column in MANAGED_COLUMNS and not command.missing_ok:
            raise managed(column, inspection)
    return (definition,)


def _definition(command: tree.AlterTableCmd) -> tree.Node:
    definition: tree.Node = getattr(command, "def")
    return definition


def _check_identity(definition: tree.Node, inspection: Inspection) -> None:
    check_options(definition.list.items, IDENTITY_OPTIONS, inspection)


def _check_column_options(definition: tree.Node, inspection: Inspection) -> None:
    check_options(definition.list.items, COLUMN_OPTIONS, inspection)


def _check_storage(definition: tree.Node, inspection: Inspection) -> None:
    check_word("STORAGE", definition.string.sval, STORAGE_WORDS, inspection)


def _check_compression(definition: tree.Node, inspection: Inspection) -> None:
    check_word("COMPRESSION", definition.string.sval, COMPRESSION_WORDS, inspection)


# The others' definitions are walked.
_CHECKED_DEFINITIONS: Mapping[int, Callable[[tree.Node, Inspection], None]] = {
    tree.AT_SetIdentity: _check_identity,
    tree.AT_SetOptions: _check_column_options,
    tree.AT_ResetOptions: _check_column_options,
    tree.AT_SetStorage: _check_storage,
    tree.AT_SetCompression: _check_compression,
}
