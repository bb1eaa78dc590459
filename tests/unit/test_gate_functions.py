"""The two lists of functions against what PostgreSQL 15 to 18 have: nothing is left unread."""

from collections import Counter
from fnmatch import fnmatchcase

import pytest

from domain.gate import admit_dml
from domain.gate.vocabulary import (
    FIELD_NAMES,
    ROW_FUNCTIONS,
    SETS_OF_VALUES,
    function_names,
    type_names,
)
from domain.gate.word_lists import allowed_functions, refused_functions, refusing_group
from exceptions.errors import DmlNotAllowed
from tests.pg_catalog_functions import (
    MAJORS,
    PSEUDO_TYPES,
    REVIEWED_TYPES,
    Signature,
    functions_of_rows,
    snapshot,
    unreviewed_types,
)

ALLOWED = [name for group in allowed_functions() for name in group.entries]
WRITTEN_OUT = [name for group in refused_functions() for name in group.names]
PATTERNS = [pattern for group in refused_functions() for pattern in group.patterns]
KNOWN = {signature.name for signature in snapshot()}


def fitting(name: str) -> list[str]:
    return [pattern for pattern in PATTERNS if fnmatchcase(name, pattern)]


@pytest.mark.parametrize("major", sorted(MAJORS))
def test_the_snapshot_is_whole(major: int) -> None:
    """So few functions has no server of these majors that one could have been cut off."""
    signatures = [signature for signature in snapshot() if major in signature.majors]
    assert len(signatures) > 3_200
    assert len({signature.name for signature in signatures}) > 2_600
    assert {"abs", "xpath_exists"} <= {signature.name for signature in signatures}


def test_every_function_is_classified_once() -> None:
    """Written out in one place, or else of one pattern; what is allowed is of none."""
    written = Counter(ALLOWED + WRITTEN_OUT)
    assert [name for name, times in written.items() if times > 1] == []
    assert [name for name in sorted(KNOWN - set(written)) if len(fitting(name)) != 1] == []
    assert [name for name in ALLOWED if fitting(name)] == []


def test_every_entry_is_of_a_function_that_there_is() -> None:
    assert set(ALLOWED + WRITTEN_OUT) - KNOWN == set()
    used = {pattern for name in KNOWN - set(WRITTEN_OUT) for pattern in fitting(name)}
    assert set(PATTERNS) - used == set()


def test_the_groups_are_what_the_gate_reads() -> None:
    assert set(ALLOWED) == function_names()
    for group in allowed_functions():
        assert group.title
        assert not group.patterns


def test_every_refusal_has_a_reason() -> None:
    assert [group.title for group in refused_functions() if not group.reason] == []
    titles = [group.title for group in refused_functions()]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize(
    ("function", "title"),
    [
        ("pg_sleep_for", "sleeping"),
        ("query_to_xmlschema", "SQL from a text"),
        ("gin_clean_pending_list", "maintenance"),  # and not of indexes, whose pattern it fits
        ("int4pl", "operators"),
    ],
)
def test_a_function_is_refused_for_its_reason(function: str, title: str) -> None:
    group = refusing_group(function)
    assert group is not None
    assert group.title == title


def test_what_nobody_knows_has_no_group() -> None:
    assert refusing_group("levenshtein") is None


def test_allowed_functions_take_and_give_reviewed_types_only() -> None:
    assert unreviewed_types(snapshot()) == set()


def test_every_exception_is_needed() -> None:
    needed = {
        (signature.name, type_name) for signature in snapshot() for type_name in signature.types
    }
    for type_name, (names, reason) in REVIEWED_TYPES.items():
        assert reason
        assert {(name, type_name) for name in names.split()} <= needed


def test_nothing_that_is_allowed_makes_a_value_of_another_type() -> None:
    """min(oid) gives an oid to who has one already: to be an exception, it must take one too."""
    made = {
        (signature.text, type_name)
        for signature in snapshot()
        if signature.name in function_names()
        for type_name in signature.given_types - type_names() - PSEUDO_TYPES
        if type_name not in signature.arguments
    }
    assert made == set()


@pytest.mark.parametrize(
    "signature",
    [
        signature
        for signature in snapshot()
        if "regconfig" in signature.types and signature.name in function_names()
    ],
    ids=lambda signature: signature.text,
)
def test_a_configuration_is_the_first_argument_and_judged(signature: Signature) -> None:
    first, *others = signature.arguments
    assert first == "regconfig"
    assert "regconfig" not in others
    arguments = ", ".join(["'other.x'", *("NULL" for _ in others)])
    with pytest.raises(DmlNotAllowed, match="must be a literal such as 'english'"):
        admit_dml(f"SELECT {signature.name}({arguments})", "s")


def test_functions_of_rows_are_known_to_the_gate() -> None:
    """`table.name` calls them."""
    assert functions_of_rows(snapshot()) == ROW_FUNCTIONS


def test_names_of_fields_are_columns_of_allowed_functions_and_call_nothing() -> None:
    columns = {
        column
        for signature in snapshot()
        if signature.name in function_names()
        for column in signature.columns
    }
    assert columns | {"ordinality"} >= FIELD_NAMES  # WITH ORDINALITY gives that one
    assert not FIELD_NAMES & KNOWN


def test_sets_of_values_are_one_column_or_a_row() -> None:
    """One column is named as its alias; of a row's columns none is, but a row calls nothing."""
    for signature in snapshot():
        if signature.name in SETS_OF_VALUES:
            assert signature.result.startswith("setof "), signature.text
            assert len(signature.columns) != 1, signature.text
    assert set(ALLOWED) >= SETS_OF_VALUES
