"""The forms of ALTER TABLE: which there are, and which spare the managed columns."""

from collections.abc import Iterable

from postgast import pg_query_pb2 as tree

from domain.gate.definitions import check_options_of_identity, managed
from domain.gate.inspection import Inspection
from domain.gate.names import NOTHING
from domain.gate.vocabulary import MANAGED_COLUMNS
from domain.gate.wording import words_for_alter

# Each changes something that a clone reads back from the catalog.
FORMS_FOR_ANY_COLUMN = frozenset(
    {
        tree.AT_AddColumn,
        tree.AT_SetNotNull,
        tree.AT_AddConstraint,
        tree.AT_ValidateConstraint,
        tree.AT_DropConstraint,
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


def check_alteration(command: tree.AlterTableCmd, inspection: Inspection) -> Iterable[tree.Node]:
    subtype = command.subtype
    if subtype not in FORMS_FOR_ANY_COLUMN and subtype not in FORMS_FOR_OWN_COLUMNS:
        raise inspection.refused(
            f"ALTER TABLE … {words_for_alter(subtype)} is not allowed: exec_ddl adds, alters and"
            " drops columns and constraints, and renames",
        )
    if subtype in FORMS_FOR_OWN_COLUMNS and command.name in MANAGED_COLUMNS:
        raise managed(command.name, inspection)
    definition: tree.Node = getattr(command, "def")
    if subtype == tree.AT_AddColumn:
        # They are always there already, so that IF NOT EXISTS makes this do nothing.
        column = definition.column_def.colname
        if column in MANAGED_COLUMNS and not command.missing_ok:
            raise managed(column, inspection)
    if subtype == tree.AT_SetIdentity:
        return check_options_of_identity(definition.list.items, inspection)
    return (definition,) if command.HasField("def") else NOTHING
