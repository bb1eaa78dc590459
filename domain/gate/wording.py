"""How the tree's own words are said in SQL, for messages only: nothing is decided here."""

import re

from postgast import pg_query_pb2 as tree

_WORDS = {
    "AlterEnumStmt": "ALTER TYPE",
    "AlterOpFamilyStmt": "ALTER OPERATOR FAMILY",
    "AlterSeqStmt": "ALTER SEQUENCE",
    "AlterStatsStmt": "ALTER STATISTICS",
    "AlterTableMoveAllStmt": "ALTER TABLE ALL IN TABLESPACE",
    "AlterTSConfigurationStmt": "ALTER TEXT SEARCH CONFIGURATION",
    "AlterTSDictionaryStmt": "ALTER TEXT SEARCH DICTIONARY",
    "CheckPointStmt": "CHECKPOINT",
    "CreateAmStmt": "CREATE ACCESS METHOD",
    "ClosePortalStmt": "CLOSE",
    "ConstraintsSetStmt": "SET CONSTRAINTS",
    "CreateEventTrigStmt": "CREATE EVENT TRIGGER",
    "CreateFdwStmt": "CREATE FOREIGN DATA WRAPPER",
    "CreateForeignServerStmt": "CREATE SERVER",
    "CreateOpClassStmt": "CREATE OPERATOR CLASS",
    "CreateOpFamilyStmt": "CREATE OPERATOR FAMILY",
    "CreatePLangStmt": "CREATE LANGUAGE",
    "CreateSeqStmt": "CREATE SEQUENCE",
    "CreateStatsStmt": "CREATE STATISTICS",
    "CreateStmt": "CREATE TABLE",
    "CreateTrigStmt": "CREATE TRIGGER",
    "CreateEnumStmt": "CREATE TYPE",
    "CreateRangeStmt": "CREATE TYPE",
    "CompositeTypeStmt": "CREATE TYPE",
    "CreatedbStmt": "CREATE DATABASE",
    "CurrentOfExpr": "WHERE CURRENT OF",
    "DeclareCursorStmt": "DECLARE CURSOR",
    "DropdbStmt": "DROP DATABASE",
    "GrantRoleStmt": "GRANT",
    "IndexStmt": "CREATE INDEX",
    "JsonTable": "JSON_TABLE",
    "JsonTableColumn": "A column of JSON_TABLE",
    "MergeStmt": "MERGE",
    "MergeWhenClause": "MERGE … WHEN",
    "MergeSupportFunc": "MERGE_ACTION()",
    "RangeTableFunc": "XMLTABLE",
    "RangeTableSample": "TABLESAMPLE",
    "RenameStmt": "ALTER … RENAME",
    "RefreshMatViewStmt": "REFRESH MATERIALIZED VIEW",
    "RuleStmt": "CREATE RULE",
    "SecLabelStmt": "SECURITY LABEL",
    "String": "A name in this place",
    "VariableSetStmt": "SET",
    "VariableShowStmt": "SHOW",
    "ViewStmt": "CREATE VIEW",
    "XmlExpr": "XML",
    "XmlSerialize": "XMLSERIALIZE",
}

_OBJECT_WORDS = {
    "OBJECT_OPCLASS": "OPERATOR CLASS",
    "OBJECT_OPFAMILY": "OPERATOR FAMILY",
    "OBJECT_MATVIEW": "MATERIALIZED VIEW",
    "OBJECT_TABCONSTRAINT": "CONSTRAINT",
    "OBJECT_FDW": "FOREIGN DATA WRAPPER",
    "OBJECT_FOREIGN_SERVER": "SERVER",
    "OBJECT_STATISTIC_EXT": "STATISTICS",
    "OBJECT_TSCONFIGURATION": "TEXT SEARCH CONFIGURATION",
    "OBJECT_TSDICTIONARY": "TEXT SEARCH DICTIONARY",
    "OBJECT_TSPARSER": "TEXT SEARCH PARSER",
    "OBJECT_TSTEMPLATE": "TEXT SEARCH TEMPLATE",
}

# Where the tree's word for a form of ALTER TABLE is not what one writes.
_ALTER_WORDS = {
    "AT_AddInherit": "INHERIT",
    "AT_AddOf": "OF",
    "AT_ChangeOwner": "OWNER TO",
    "AT_DropInherit": "NO INHERIT",
    "AT_DropOf": "NOT OF",
    "AT_SetRelOptions": "SET (…)",
    "AT_ResetRelOptions": "RESET (…)",
    "AT_SetOptions": "ALTER COLUMN … SET (…)",
    "AT_ResetOptions": "ALTER COLUMN … RESET (…)",
    "AT_SetTableSpace": "SET TABLESPACE",
    "AT_SetUnLogged": "SET UNLOGGED",
}

# Statements about an object of any kind: their words, and the field that says which kind.
_BY_OBJECT = {
    "AlterObjectSchemaStmt": ("ALTER {} … SET SCHEMA", "object_type"),
    "AlterOwnerStmt": ("ALTER {} … OWNER TO", "object_type"),
    "AlterTableStmt": ("ALTER {}", "objtype"),
    "CreateTableAsStmt": ("CREATE {} AS", "objtype"),
    "DefineStmt": ("CREATE {}", "kind"),
    "DropStmt": ("DROP {}", "remove_type"),
}

_WORD_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])")


def words_for(message_type: str) -> str:
    """`CreateRoleStmt` is CREATE ROLE; what does not read so is in the table."""
    known = _WORDS.get(message_type)
    return known or _spaced(message_type.removesuffix("Stmt").removesuffix("Expr"))


def words_for_object(object_type: int) -> str:
    name: str = tree.ObjectType.Name(object_type)
    return _OBJECT_WORDS.get(name) or name.removeprefix("OBJECT_").replace("_", " ")


def words_for_alter(subtype: int) -> str:
    """`AT_EnableRowSecurity` is ENABLE ROW SECURITY."""
    name = tree.AlterTableType.Name(subtype)
    words = _ALTER_WORDS.get(name) or _spaced(name.removeprefix("AT_"))
    return re.sub(r"\bTRIG\b", "TRIGGER", words)


def words_for_statement(statement: tree.Node) -> str:
    """What a person would call the statement."""
    message = getattr(statement, statement.WhichOneof("node"))
    message_type: str = message.DESCRIPTOR.name
    if message_type in _BY_OBJECT:
        words, object_field = _BY_OBJECT[message_type]
        return words.format(words_for_object(getattr(message, object_field)))
    if message_type == "TransactionStmt":
        return _spaced(tree.TransactionStmtKind.Name(message.kind).removeprefix("TRANS_STMT_"))
    if message_type == "GrantStmt":
        return "GRANT" if message.is_grant else "REVOKE"
    if message_type == "VacuumStmt":
        return "VACUUM" if message.is_vacuumcmd else "ANALYZE"
    return words_for(message_type)


def words_for_place(sql: str, position: int) -> str:
    """A position in characters, from 0, as a line and a column, both from 1."""
    before = sql[:position]
    line_start = before.rfind("\n") + 1
    return f"(line {before.count(chr(10)) + 1}, column {position - line_start + 1})"


def _spaced(name: str) -> str:
    return _WORD_BOUNDARY.sub(" ", name).replace("_", " ").upper()
