"""However a foreign name is disguised and however deep it stands, the gate finds it."""

import pytest
from hypothesis import given, settings

from domain.gate import admit_ddl, admit_dml
from exceptions.errors import DdlNotAllowed, DmlNotAllowed, NoAuthority
from tests.nesting import Nested, nested_statements

OWN = "prod_1"
EXAMPLES = 5 * settings().max_examples


def admit(verb: str, sql: str) -> object:
    return admit_ddl(sql) if verb == "exec_ddl" else admit_dml(sql, OWN)


@settings(deadline=None, database=None, max_examples=EXAMPLES)
@given(nested_statements("prod_2", "test_1"))
def test_a_foreign_name_is_found(nested: Nested) -> None:
    """And nothing else: the same statement with something innocent in its place is admitted."""
    assert admit(nested.verb, nested.twin)
    with pytest.raises((NoAuthority, DmlNotAllowed, DdlNotAllowed)):
        admit(nested.verb, nested.sql)
