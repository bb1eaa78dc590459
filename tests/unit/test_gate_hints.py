"""Refusals that say what would have been right."""

import pytest

from domain.gate import admit_ddl, admit_dml
from domain.gate.hints import EQUIVALENTS, INSTEAD, STATEMENTS
from domain.gate.reviewed_statements import DDL_GRAMMAR, DML_GRAMMAR
from domain.gate.vocabulary import function_names
from exceptions.errors import DdlNotAllowed, DmlNotAllowed

CALLS = {
    "MySQL": ("ifnull(a, 0)", r"function ifnull is not allowed: PostgreSQL has COALESCE\(a, b\)\."),
    "in capitals": ("GROUP_CONCAT(a)", r"PostgreSQL has string_agg\(body, ','\)\."),
    "two ways": ("ISNULL(a, 0)", r"PostgreSQL has COALESCE\(a, b\) or a IS NULL\."),
    "dates": ("DATE_FORMAT(a, '%Y')", r"PostgreSQL has to_char\(moment, 'YYYY-MM-DD HH24:MI:SS'\)"),
    "today": ("CURDATE()", "PostgreSQL has CURRENT_DATE"),
    "SQL Server": ("LEN(a)", r"PostgreSQL has length\(body\)"),
    "Oracle": ("NVL(a, 0)", r"PostgreSQL has COALESCE\(a, b\)"),
    "last id": ("LAST_INSERT_ID()", "write INSERT … RETURNING id"),
    "misspelt": ("lenght(a)", 'function lenght is not allowed; perhaps you mean "length"'),
    "with a schema": ("public.lower(a)", 'public.lower is not allowed; perhaps you mean "lower"'),
    "like nothing": ("frobnicate(a)", r"function frobnicate is not allowed\.$"),
    "sleep": ("pg_sleep(1)", "pg_sleep is not allowed: it sleeps"),
    "file": ("pg_read_file('x')", "it reads, lists or changes files of the server"),
    "setting": ("set_config('a', 'b', true)", "it reads or changes settings"),
    "SQL from a text": ("query_to_xml('', true, true, '')", "it runs SQL from a text"),
    "lock": ("pg_advisory_lock(1)", "it takes or shows locks"),
    "session": ("pg_terminate_backend(1)", "other sessions of the server"),
    "lastval": ("lastval()", r"use currval\('sequence'\)"),
    "nextval with a schema": ("pg_catalog.nextval('q')", "write it without a schema"),
}

NOT_RUN = {
    "TRUNCATE t": "TRUNCATE is not allowed: .* use DELETE FROM; exec_ddl runs",
    "CREATE TYPE x AS (a int)": "CREATE TYPE is not allowed: an ENUM and a DOMAIN are possible",
    "CREATE TYPE x AS RANGE (subtype = int4)": "CREATE TYPE is not allowed: an ENUM and a DOMAIN",
    "BEGIN": "BEGIN is not allowed: the statements of one request are one transaction",
    "CREATE MATERIALIZED VIEW v AS SELECT 1": "no row security on them: use CREATE VIEW",
    "GRANT ALL ON t TO x": "GRANT is not allowed: who may do what is the service's",
    "EXPLAIN SELECT 1": "send the statement itself to explain_dml",
}


@pytest.mark.parametrize(("call", "pattern"), CALLS.values(), ids=CALLS)
def test_a_refused_function_has_a_hint(call: str, pattern: str) -> None:
    with pytest.raises(DmlNotAllowed, match=pattern):
        admit_dml(f"SELECT {call} FROM t", "s")


@pytest.mark.parametrize(("sql", "pattern"), NOT_RUN.items(), ids=NOT_RUN)
def test_a_refused_statement_has_a_reason(sql: str, pattern: str) -> None:
    with pytest.raises(DdlNotAllowed, match=pattern):
        admit_ddl(sql)


@pytest.mark.parametrize(
    "expression", sorted({each for several in EQUIVALENTS.values() for each in several})
)
def test_what_is_proposed_is_allowed(expression: str) -> None:
    assert admit_dml(f"SELECT {expression} FROM t", "s")


def test_nothing_that_is_allowed_is_advised_against() -> None:
    assert not (EQUIVALENTS.keys() | INSTEAD.keys()) & function_names()
    assert not EQUIVALENTS.keys() & INSTEAD.keys()
    assert not STATEMENTS.keys() & (DDL_GRAMMAR.keys() | DML_GRAMMAR.keys())
