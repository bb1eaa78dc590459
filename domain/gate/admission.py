"""The gate's two questions: what of this SQL may exec_dml run, and what exec_ddl?"""

from dataclasses import replace
from functools import cache, lru_cache

from postgast import pg_query_pb2 as tree

from domain.figures import CacheFigures
from domain.gate.hints import about_statement
from domain.gate.inspection import Inspection, Rules
from domain.gate.objects import DROPPED
from domain.gate.placeholders import before_functions, marks_in, numbered
from domain.gate.reviewed_statements import DDL_GRAMMAR, DML_GRAMMAR
from domain.gate.source import Source, SourceStatement, read
from domain.gate.statements import (
    COMPUTED_LIMIT,
    NO_LIMIT,
    DdlKind,
    DdlStatement,
    DmlKind,
    DmlStatement,
    Placeholder,
    RowLimit,
    rewritten,
    written,
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
    "merge_stmt": DmlKind.MERGE,
}

CHANGES = {
    "InsertStmt": DmlKind.INSERT,
    "UpdateStmt": DmlKind.UPDATE,
    "DeleteStmt": DmlKind.DELETE,
    "MergeStmt": DmlKind.MERGE,
}

DDL_KINDS = {
    "create_stmt": DdlKind.CREATE_TABLE,
    "create_table_as_stmt": DdlKind.CREATE_TABLE_AS,
    "alter_table_stmt": DdlKind.ALTER_TABLE,  # or ALTER INDEX
    "index_stmt": DdlKind.CREATE_INDEX,
    "view_stmt": DdlKind.CREATE_VIEW,
    "create_seq_stmt": DdlKind.CREATE_SEQUENCE,
    "alter_seq_stmt": DdlKind.ALTER_SEQUENCE,
    "create_enum_stmt": DdlKind.CREATE_TYPE,
    "alter_enum_stmt": DdlKind.ALTER_TYPE,
    "create_domain_stmt": DdlKind.CREATE_DOMAIN,
    "alter_domain_stmt": DdlKind.ALTER_DOMAIN,
    "create_stats_stmt": DdlKind.CREATE_STATISTICS,
    "alter_stats_stmt": DdlKind.ALTER_STATISTICS,
    "drop_stmt": DdlKind.DROP_TABLE,  # or as DROPPED says
    "comment_stmt": DdlKind.COMMENT,
    "rename_stmt": DdlKind.RENAME,
}

MAX_STATEMENTS = 1_000

# Agents repeat themselves; a verdict depends on nothing but the text, the schema and the names.
CACHED_TEXTS = 1024
CACHED_LENGTH = 4096


def admit_dml(
    sql: str,
    schema_name: str,
    parameter_names: frozenset[str] | None = None,
    *,
    of_literals: bool = False,
) -> tuple[DmlStatement, ...]:
    """The statements of an exec_dml request that addresses `schema_name`.

    Its parameters are `:name`, for these names, or `$1`, `$2` … where there are none;
    `of_literals` where it is normalised.
    Raises SqlParseFailed, InvalidParameter, DmlNotAllowed, or NoAuthority for a relation
    that is not named as one of that schema.
    """
    length = len(sql) + sum(map(len, parameter_names or ()))
    admit = _admit_dml_again if length <= CACHED_LENGTH else _admit_dml
    return admit(sql, schema_name, parameter_names, of_literals=of_literals)


def admit_ddl(sql: str) -> tuple[DdlStatement, ...]:
    """The statements of an exec_ddl request, which runs on both schemas and so names none.

    Raises SqlParseFailed, DdlNotAllowed, or NoAuthority.
    """
    rules = Rules(
        verb="exec_ddl",
        refusal=DdlNotAllowed,
        runs="CREATE, ALTER and DROP of TABLE, INDEX, VIEW, SEQUENCE, TYPE, DOMAIN and"
        " STATISTICS, COMMENT and RENAME",
        types=type_names() | SERIAL_TYPES,
        schema_name=None,
        takes_parameters=False,
    )
    source = _source(sql, rules, None)
    return tuple(_ddl_statement(statement, source, rules) for statement in source.statements)


def _admit_dml(
    sql: str,
    schema_name: str,
    parameter_names: frozenset[str] | None,
    *,
    of_literals: bool,
) -> tuple[DmlStatement, ...]:
    rules = _dml_rules(schema_name)
    source = _source(sql, rules, parameter_names)
    statements = (_dml_statement(statement, source, rules) for statement in source.statements)
    return tuple(replace(statement, of_literals=of_literals) for statement in statements)


@lru_cache(CACHED_TEXTS)
def _dml_rules(schema_name: str) -> Rules:
    return Rules(
        verb="exec_dml",
        refusal=DmlNotAllowed,
        runs="SELECT, INSERT, UPDATE, DELETE and MERGE",
        types=type_names(),
        schema_name=schema_name,
        takes_parameters=True,
    )


_admit_dml_again = lru_cache(CACHED_TEXTS)(_admit_dml)


def known_verdicts() -> CacheFigures:
    """Of this process: how often a text was found admitted before."""
    hits, misses, _, entries = _admit_dml_again.cache_info()
    return CacheFigures(hits, misses, entries)


def _source(sql: str, rules: Rules, parameter_names: frozenset[str] | None) -> Source:
    source = read(sql, parameter_names)
    if len(source.statements) > MAX_STATEMENTS:
        raise rules.refusal(
            f"The SQL holds {len(source.statements)} statements: at most {MAX_STATEMENTS} run in"
            " one request; one INSERT takes many rows.",
        )
    if source.cut_name is not None:
        raise rules.refusal(
            f"The name {source.cut_name[:MAX_IDENTIFIER_BYTES]}… is longer than"
            f" {MAX_IDENTIFIER_BYTES} bytes; PostgreSQL would cut it.",
        )
    return source


def _dml_statement(statement: SourceStatement, source: Source, rules: Rules) -> DmlStatement:
    node = statement.tree
    field = node.WhichOneof("node")
    kind = DML_KINDS.get(field)
    if kind is None:
        raise _not_run(node, rules, frozenset(DdlKind), "exec_ddl")
    inspection = Inspection(rules)
    walk(node, _dml_plans(), inspection)
    text, keys, placeholders = _rewritten(statement, source, inspection)
    return DmlStatement(
        text=text,
        offset=statement.offset,
        kind=kind,
        returns_rows=kind is DmlKind.SELECT or getattr(node, field).HasField("returning_clause"),
        limit=_limit(node.select_stmt) if kind is DmlKind.SELECT else NO_LIMIT,
        parameters=keys,
        placeholders=placeholders,
        relations=frozenset(inspection.relations),
        writes=frozenset(CHANGES[name] for name in inspection.changes),
    )


def _rewritten(
    statement: SourceStatement,
    source: Source,
    inspection: Inspection,
) -> tuple[str, tuple[int | str, ...], tuple[Placeholder, ...]]:
    """The statement's text with its parameters numbered and functions of sequences guarded."""
    guarded = inspection.sequence_functions
    if not (inspection.parameters or guarded):
        return statement.text, (), ()
    marks = marks_in(source.encoded, source.named, inspection.parameters)
    keys, as_sent = numbered(source.encoded, marks, statement.begin, statement.offset)
    as_sent += before_functions(source.encoded, guarded, statement.begin, statement.offset)
    text, placeholders = rewritten(statement.text, sorted(as_sent), written)
    return text, keys, placeholders


def _ddl_statement(statement: SourceStatement, source: Source, rules: Rules) -> DdlStatement:
    node = statement.tree
    kind = DDL_KINDS.get(node.WhichOneof("node"))
    if kind is None:
        raise _not_run(node, rules, frozenset(DmlKind), "exec_dml")
    inspection = Inspection(rules)
    walk(node, _ddl_plans(), inspection)
    if kind is DdlKind.DROP_TABLE:
        kind = DROPPED[node.drop_stmt.remove_type]
    elif node.alter_table_stmt.objtype == tree.OBJECT_INDEX:
        kind = DdlKind.ALTER_INDEX
    text, _, placeholders = _rewritten(statement, source, inspection)
    return DdlStatement(
        text=text,
        offset=statement.offset,
        kind=kind,
        relations=frozenset(inspection.relations),
        placeholders=placeholders,
        sent=statement.text,
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
    reason = about_statement(getattr(node, node.WhichOneof("node")).DESCRIPTOR.name)
    return rules.refusal(f"{words} is not allowed{reason}; {rules.verb} runs {rules.runs}.")


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
