"""The gate's two questions: what of this SQL may exec_dml run, and what exec_ddl?"""

from functools import cache, lru_cache

from postgast import pg_query_pb2 as tree

from domain.gate.inspection import Inspection, Rules
from domain.gate.reviewed_statements import DDL_GRAMMAR, DML_GRAMMAR
from domain.gate.source import Source, SourceStatement, read
from domain.gate.statements import (
    COMPUTED_LIMIT,
    NO_LIMIT,
    DdlKind,
    DdlStatement,
    DmlKind,
    DmlStatement,
    RowLimit,
)
from domain.gate.vocabulary import SERIAL_TYPES, type_names
from domain.gate.walk import Plans, compile_grammar, walk
from domain.gate.wording import words_for_statement
from domain.identifiers import MAX_IDENTIFIER_BYTES
from exceptions.errors import DdlNotAllowed, DmlNotAllowed, TwinbaseError

DML_KINDS = {
    "select_stmt": DmlKind.SELECT,
    "insert_stmt": DmlKind.INSERT,
    "update_stmt": DmlKind.UPDATE,
    "delete_stmt": DmlKind.DELETE,
}

DDL_KINDS = {
    "create_stmt": DdlKind.CREATE_TABLE,
    "create_table_as_stmt": DdlKind.CREATE_TABLE_AS,
    "alter_table_stmt": DdlKind.ALTER_TABLE,
    "index_stmt": DdlKind.CREATE_INDEX,
    "drop_stmt": DdlKind.DROP_TABLE,
    "comment_stmt": DdlKind.COMMENT,
    "rename_stmt": DdlKind.RENAME,
}

# Agents repeat themselves; a verdict depends on nothing but the text and the schema.
CACHED_TEXTS = 1024
CACHED_LENGTH = 4096


def admit_dml(sql: str, schema_name: str) -> tuple[DmlStatement, ...]:
    """The statements of an exec_dml request that addresses `schema_name`.

    Raises SqlParseFailed, DmlNotAllowed, or NoAuthority for a relation that is not
    named as one of that schema.
    """
    admit = _admit_dml_again if len(sql) <= CACHED_LENGTH else _admit_dml
    return admit(sql, schema_name)


def admit_ddl(sql: str) -> tuple[DdlStatement, ...]:
    """The statements of an exec_ddl request, which runs on both schemas and so names none.

    Raises SqlParseFailed, DdlNotAllowed, or NoAuthority.
    """
    rules = Rules(
        verb="exec_ddl",
        refusal=DdlNotAllowed,
        runs="CREATE, ALTER and DROP TABLE, CREATE and DROP INDEX, COMMENT and RENAME",
        types=type_names() | SERIAL_TYPES,
        schema_name=None,
        takes_parameters=False,
    )
    return tuple(_ddl_statement(statement, rules) for statement in _source(sql, rules).statements)


def _admit_dml(sql: str, schema_name: str) -> tuple[DmlStatement, ...]:
    rules = Rules(
        verb="exec_dml",
        refusal=DmlNotAllowed,
        runs="SELECT, INSERT, UPDATE and DELETE",
        types=type_names(),
        schema_name=schema_name,
        takes_parameters=True,
    )
    return tuple(_dml_statement(statement, rules) for statement in _source(sql, rules).statements)


_admit_dml_again = lru_cache(CACHED_TEXTS)(_admit_dml)


def _source(sql: str, rules: Rules) -> Source:
    source = read(sql)
    if source.cut_name is not None:
        raise rules.refusal(
            f"The name {source.cut_name[:MAX_IDENTIFIER_BYTES]}… is longer than"
            f" {MAX_IDENTIFIER_BYTES} bytes; PostgreSQL would cut it.",
        )
    return source


def _dml_statement(statement: SourceStatement, rules: Rules) -> DmlStatement:
    node = statement.tree
    kind = DML_KINDS.get(node.WhichOneof("node"))
    if kind is None:
        raise _not_run(node, rules, frozenset(DdlKind), "exec_ddl")
    inspection = Inspection(rules)
    walk(node, _dml_plans(), inspection)
    return DmlStatement(
        text=statement.text,
        offset=statement.offset,
        kind=kind,
        returns_rows=_returns_rows(node, kind),
        limit=_limit(node.select_stmt),
        parameters=inspection.highest_parameter,
    )


def _ddl_statement(statement: SourceStatement, rules: Rules) -> DdlStatement:
    node = statement.tree
    kind = DDL_KINDS.get(node.WhichOneof("node"))
    if kind is None:
        raise _not_run(node, rules, frozenset(DmlKind), "exec_dml")
    inspection = Inspection(rules)
    walk(node, _ddl_plans(), inspection)
    if node.drop_stmt.remove_type == tree.OBJECT_INDEX:
        kind = DdlKind.DROP_INDEX
    return DdlStatement(
        text=statement.text,
        offset=statement.offset,
        kind=kind,
        relations=frozenset(inspection.relations),
    )


def _not_run(
    node: tree.Node,
    rules: Rules,
    kinds_of_other: frozenset[str],
    other: str,
) -> TwinbaseError:
    words = words_for_statement(node)
    if words in kinds_of_other:
        return rules.refusal(f"{words} is not run by {rules.verb}; send it to {other}.")
    return rules.refusal(f"{words} is not allowed; {rules.verb} runs {rules.runs}.")


def _returns_rows(node: tree.Node, kind: DmlKind) -> bool:
    statement = getattr(node, node.WhichOneof("node"))
    return kind is DmlKind.SELECT or bool(statement.HasField("returning_clause"))


def _limit(select: tree.SelectStmt) -> RowLimit:
    if not select.HasField("limit_count"):
        return NO_LIMIT
    count = select.limit_count.a_const
    if select.limit_option == tree.LIMIT_OPTION_WITH_TIES:
        return COMPUTED_LIMIT  # ties may add any number of rows
    if count.HasField("ival") and count.ival.ival >= 0:
        return RowLimit(explicit=True, rows=count.ival.ival)
    if count.HasField("fval") and count.fval.fval.isdecimal():  # beyond 31 bits
        return RowLimit(explicit=True, rows=int(count.fval.fval))
    return COMPUTED_LIMIT


@cache
def _dml_plans() -> Plans:
    return compile_grammar(DML_GRAMMAR)


@cache
def _ddl_plans() -> Plans:
    return compile_grammar(DDL_GRAMMAR)
