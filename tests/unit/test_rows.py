"""Rows that are kept for an idempotency key: the first ones, as many as fit."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rows import dml_data, dml_data_within
from domain.answers import ResultColumn, StatementResult
from domain.gate import DmlKind
from exceptions.errors import DmlFailed

rows = st.lists(st.tuples(st.text(max_size=30), st.integers(0, 99)), max_size=40)


def result_of(values: list[tuple[str, int]]) -> StatementResult:
    columns = (ResultColumn("text", "text"), ResultColumn("number", "bigint"))
    return StatementResult(DmlKind.INSERT, len(values), columns, values, truncated=False)


async def within(most: int, results: list[StatementResult], *, compact: bool) -> Any:
    return orjson.loads(orjson.dumps(await dml_data_within(most, results, 0.5, compact=compact)))


@given(
    of_statements=st.lists(rows, min_size=1, max_size=4),
    most=st.integers(900, 6_000),
    compact=st.booleans(),
)
async def test_what_is_kept_fits(
    of_statements: list[list[tuple[str, int]]], most: int, *, compact: bool
) -> None:
    results = [result_of(values) for values in of_statements]
    whole = orjson.loads(orjson.dumps(await dml_data(results, 0.5, compact=compact)))
    kept = await within(most, results, compact=compact)
    if len(orjson.dumps(whole)) <= most:
        assert kept == whole
        return
    assert len(orjson.dumps(kept)) <= most
    assert kept["truncated"] is True
    for shown, of_whole in zip(kept["results"], whole["results"], strict=True):
        count = len(shown["rows"])
        assert shown["rows"] == of_whole["rows"][:count]
        assert shown["truncated"] == (count < len(of_whole["rows"]))
        assert shown | {"rows": 0, "truncated": 0} == of_whole | {"rows": 0, "truncated": 0}
    together = [row for shown in kept["results"] for row in shown["rows"]]
    assert kept["exec_success"] == ([] if compact else together)


async def test_most_of_what_fits_is_kept() -> None:
    many = result_of([("x" * 20, number) for number in range(10_000)])
    kept = await within(100_000, [many], compact=True)
    assert len(orjson.dumps(kept)) > 50_000
    one_large = result_of([("x" * 200_000, 1), *((str(number), 1) for number in range(5_000))])
    kept = await within(100_000, [one_large], compact=True)
    assert kept["results"][0]["rows"] == []


async def test_without_its_rows_it_must_fit() -> None:
    with pytest.raises(DmlFailed, match="nothing was changed"):
        await within(1_000, [result_of([("a", 1)])] * 50, compact=True)
