"""Plans tell the caller's conditions, and none of ours."""

import pytest

from domain.plans import without_internals

SCHEMA = "(current_setting('twinbase.schema'::text, true) = 'prod_1'::text)"
OWNER = (
    "((uid)::text = ANY ((ARRAY[(current_setting('twinbase.uid'::text, true))::character varying,"
    " (current_setting('twinbase.app_uid'::text, true))::character varying])::text[]))"
)

CONDITIONS = [
    (f"({SCHEMA} AND {OWNER})", None),
    (SCHEMA, None),
    ("(amount > 3)", "(amount > 3)"),
    (f"({SCHEMA} AND {OWNER} AND (amount > 3))", "(amount > 3)"),
    (
        f"({SCHEMA} AND (name = 'a'::text) AND {OWNER} AND (amount > 3))",
        "(name = 'a'::text AND amount > 3)",
    ),
    (f"({SCHEMA} AND (SubPlan 1))", None),
    ("(name = 'current_setting('::text)", "(name = 'current_setting('::text)"),
    (
        f"({SCHEMA} AND (name = 'current_setting'::text))",
        "(name = 'current_setting'::text)",
    ),
]


@pytest.mark.parametrize(("condition", "shown"), CONDITIONS)
def test_conditions(condition: str, shown: str | None) -> None:
    plan = [{"Plan": {"Node Type": "Seq Scan", "Schema": "prod_1", "Filter": condition}}]
    expected = {"Node Type": "Seq Scan"} | ({"Filter": shown} if shown else {})
    assert without_internals(plan) == [{"Plan": expected}]


def test_everything_else_stays() -> None:
    plan = [{"Plan": {"Plan Rows": 1, "Sort Key": ["a", "b"], "Plans": [{"Parallel": False}]}}]
    assert without_internals(plan) == plan
