"""The reviewed data against what libpg_query can produce: nothing is left unread."""

from importlib.resources import files

import pytest
from postgast import pg_query_pb2 as tree

from domain.gate import sequences, vocabulary
from domain.gate.reviewed_statements import DDL_GRAMMAR, DML_GRAMMAR
from domain.gate.walk import ALWAYS_PLAIN, ALWAYS_UNSET, Grammar, Reviewed, compile_grammar

TYPES = tree.DESCRIPTOR.message_types_by_name
GRAMMARS = pytest.mark.parametrize("grammar", [DML_GRAMMAR, DDL_GRAMMAR], ids=["dml", "ddl"])

# Kinds of statement that change who one is, what is set, or what others see.
NEVER = {
    "VariableSetStmt",
    "TransactionStmt",
    "DoStmt",
    "CallStmt",
    "CopyStmt",
    "GrantStmt",
    "CreateFunctionStmt",
    "CreateTrigStmt",
    "RuleStmt",
    "AlterOwnerStmt",
    "CompositeTypeStmt",
    "CreateRangeStmt",
    "DefineStmt",
    "AlterTypeStmt",
    "AlterObjectSchemaStmt",
    "TruncateStmt",
    "RefreshMatViewStmt",
    "ExecuteStmt",
    "XmlExpr",
    "RangeTableFunc",
    "CurrentOfExpr",
}


# Strings that are values, and letters that stand for a choice.
LITERALS = {
    *("ival", "fval", "boolval", "sval", "bsval", "comment"),
    *("generated_when", "fk_matchtype", "fk_upd_action", "fk_del_action"),
}


def decisions(reviewed: Reviewed) -> dict[str, set[str]]:
    return {
        "walk": set(reviewed.walk.split()),
        "checked": set(reviewed.checked.split()),
        "labels": set(reviewed.labels.split()),
        "plain": set(reviewed.plain.split()),
        "unset": set(reviewed.unset.split()),
        "refused": set(reviewed.refused),
    }


@GRAMMARS
def test_every_field_is_decided_once(grammar: Grammar) -> None:
    """A field that a new libpg_query adds fails here until someone decides."""
    for name, reviewed in grammar.items():
        decided = [field for fields in decisions(reviewed).values() for field in fields]
        known = set(TYPES[name].fields_by_name) - {ALWAYS_PLAIN, ALWAYS_UNSET}
        assert sorted(decided) == sorted(known), name


@GRAMMARS
def test_no_name_and_no_node_is_plain(grammar: Grammar) -> None:
    """What can hold a name is walked, checked, a label, or refused."""
    for name, reviewed in grammar.items():
        for field_name in decisions(reviewed)["plain"] - LITERALS:
            field = TYPES[name].fields_by_name[field_name]
            assert field.message_type is None, field.full_name
            assert field.type != field.TYPE_STRING, field.full_name


@GRAMMARS
def test_what_is_checked_has_a_check_and_a_leaf_has_no_nodes(grammar: Grammar) -> None:
    for name, reviewed in grammar.items():
        assert reviewed.check is not None or not reviewed.checked, name
        assert not (reviewed.leaf and (reviewed.walk or reviewed.labels or reviewed.refused)), name


@GRAMMARS
def test_labels_are_names_only(grammar: Grammar) -> None:
    for name, reviewed in grammar.items():
        for field_name in decisions(reviewed)["labels"]:
            field = TYPES[name].fields_by_name[field_name]
            # The walk makes sure that such a list holds nothing but String nodes.
            assert field.is_repeated or field.type == field.TYPE_STRING, field.full_name


@GRAMMARS
def test_a_grammar_is_closed(grammar: Grammar) -> None:
    """No field leads to a type without a decision, or it would not compile."""
    assert compile_grammar(grammar)
    assert not NEVER & set(grammar)


def test_one_verb_does_not_run_the_other_verbs_statements() -> None:
    statements = {name for name in TYPES if name.endswith("Stmt")}
    assert statements & set(DML_GRAMMAR) == {
        "SelectStmt",
        "InsertStmt",
        "UpdateStmt",
        "DeleteStmt",
        "MergeStmt",
    }
    assert statements & set(DDL_GRAMMAR) == {
        "SelectStmt",
        "CreateStmt",
        "CreateTableAsStmt",
        "AlterTableStmt",
        "RenameStmt",
        "DropStmt",
        "IndexStmt",
        "CommentStmt",
        "ViewStmt",
        "CreateSeqStmt",
        "AlterSeqStmt",
        "CreateEnumStmt",
        "AlterEnumStmt",
        "CreateDomainStmt",
        "AlterDomainStmt",
        "CreateStatsStmt",
        "AlterStatsStmt",
    }


@pytest.mark.parametrize("file_name", ["functions.txt", "types.txt", "catalog_types.txt"])
def test_a_list_names_each_thing_once(file_name: str) -> None:
    lines = files("domain.gate").joinpath(file_name).read_text(encoding="utf-8").splitlines()
    names = [name for line in lines if not line.startswith("#") for name in line.split()]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() and name == name.lower() for name in names)


DANGEROUS = """
    set_config current_setting setseed nextval setval currval lastval version current_database
    current_schema current_schemas current_query current_user session_user ts_stat ts_rewrite
    query_to_xml table_to_xml schema_to_xml database_to_xml cursor_to_xml xpath xmlagg regclass
    to_regclass to_regtype to_regproc format_type obj_description shobj_description lo_import
    lo_export lo_get inet_client_addr inet_server_addr row_security_active txid_current
    col_description has_table_privilege has_schema_privilege textin regclassin array_in record_in
    satisfies_hash_partition get_current_ts_config ts_debug ts_parse ts_lexize ts_token_type
    makeaclitem aclexplode
"""


def test_what_is_dangerous_is_not_listed() -> None:
    listed = vocabulary.function_names()
    assert not listed & set(DANGEROUS.split())
    assert not [
        name
        for name in listed
        if name.startswith(("pg_", "xml", "lo_", "reg"))
        if not name.startswith(("regexp_", "regr_"))
    ]
    assert not [name for name in vocabulary.type_names() if name.startswith(("reg", "pg_", "_"))]


def test_the_names_of_fields_call_nothing() -> None:
    """`(x).key` is `key(x)` where x has no such field."""
    assert not vocabulary.FIELD_NAMES & vocabulary.function_names()
    assert not vocabulary.FIELD_NAMES & vocabulary.type_names()


def test_a_type_is_allowed_or_of_the_catalog() -> None:
    assert not vocabulary.type_names() & vocabulary.catalog_type_names()
    assert not vocabulary.type_names() & vocabulary.SERIAL_TYPES


def test_the_names_of_sequences_functions_are_on_no_list() -> None:
    """They are judged by their argument instead."""
    assert not sequences.SEQUENCE_FUNCTIONS & vocabulary.function_names()
    assert not sequences.SEQUENCE_FUNCTIONS & vocabulary.FIELD_NAMES
