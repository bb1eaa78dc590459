"""The page about the gate leaves out nothing that PostgreSQL's grammar or the gate has."""

from collections.abc import Iterable, Iterator

import pytest
from google.protobuf.message import Message
from postgast import parse
from postgast import pg_query_pb2 as tree

from docs.gate_answers import ddl, dml
from docs.gate_forms import ALTERATIONS, OBJECTS
from docs.gate_page import gate_page
from docs.gate_samples import NOT_SENT, STATEMENTS
from domain.gate import DdlKind, DmlKind
from domain.gate.reviewed_statements import DDL_GRAMMAR, DML_GRAMMAR
from domain.gate.walk import Reviewed

SAMPLES = [sql for samples in STATEMENTS.values() for sql in samples]
OF_OBJECTS = [sql for samples in OBJECTS.values() for sql in samples if sql]

# Forms that PostgreSQL makes for itself, after parsing.
FORMS_NOT_SENT = {
    *("ALTER_TABLE_TYPE_UNDEFINED", "AT_AddColumnToView", "AT_CookedColumnDefault"),
    *("AT_AddIndex", "AT_ReAddIndex", "AT_AddIndexConstraint", "AT_ReAddConstraint"),
    *("AT_ReAddDomainConstraint", "AT_ReAddComment", "AT_ReAddStatistics", "AT_ReplaceRelOptions"),
}

# Objects that no statement renames, drops or comments on by their own name.
OBJECTS_NOT_SENT = {
    *("OBJECT_TYPE_UNDEFINED", "OBJECT_AMOP", "OBJECT_AMPROC", "OBJECT_DEFAULT", "OBJECT_DEFACL"),
    *("OBJECT_PARAMETER_ACL", "OBJECT_PUBLICATION_NAMESPACE", "OBJECT_PUBLICATION_REL"),
    *("OBJECT_USER_MAPPING", "OBJECT_ROUTINE"),
}


def statements(samples: Iterable[str]) -> Iterator[Message]:
    for sql in samples:
        (statement,) = parse(sql).stmts
        yield getattr(statement.stmt, statement.stmt.WhichOneof("node"))


def test_every_kind_of_statement_is_asked_about() -> None:
    known = {name for name in tree.DESCRIPTOR.message_types_by_name if name.endswith("Stmt")}
    sampled = {statement.DESCRIPTOR.name for statement in statements(SAMPLES)}
    assert known - sampled == set(NOT_SENT)


def test_every_form_of_alter_table_is_asked_about() -> None:
    samples = [f"ALTER TABLE t {form.format(column='a')}" for form in ALTERATIONS]
    sampled = {
        tree.AlterTableType.Name(command.alter_table_cmd.subtype)
        for statement in statements(samples)
        if isinstance(statement, tree.AlterTableStmt)
        for command in statement.cmds
    }
    assert set(tree.AlterTableType.keys()) - sampled == FORMS_NOT_SENT


def test_every_kind_of_object_is_asked_about() -> None:
    fields = ("remove_type", "objtype", "rename_type")
    sampled = {
        tree.ObjectType.Name(getattr(statement, field))
        for statement in statements(OF_OBJECTS)
        for field in fields
        if hasattr(statement, field)
    }
    assert set(tree.ObjectType.keys()) - sampled == OBJECTS_NOT_SENT


def test_everything_that_is_run_has_a_sample_that_is() -> None:
    asked = {ask(sql).kind for ask in (dml, ddl) for sql in (*SAMPLES, *OF_OBJECTS)}
    assert asked >= {*DmlKind, *DdlKind}


@pytest.mark.parametrize("grammar", [DML_GRAMMAR, DDL_GRAMMAR], ids=["dml", "ddl"])
def test_every_refused_clause_is_told(grammar: dict[str, Reviewed]) -> None:
    page = gate_page()
    for reviewed in grammar.values():
        for answer in reviewed.refused.values():
            assert f"| {answer}. |\n" in page
