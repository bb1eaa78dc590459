"""Rows of statements as JSON, written once and used wherever an answer shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import repeat

import orjson

from domain.answers import StatementResult
from domain.slices import in_slices
from exceptions.errors import DmlFailed

_NONE = b"[]"
_FEW = 1_000  # values that are written at once: in less than 0.2 ms


async def dml_data(
    results: Sequence[StatementResult], seconds: float, *, compact: bool
) -> dict[str, object]:
    """``exec_dml``'s answer. ``compact``: rows are lists, and are told once."""
    written = [await _rows(result, compact=compact) for result in results]
    data: dict[str, object] = {
        "exec_success": orjson.Fragment(_NONE if compact else _together(written)),
        "exec_failure": [],
        "exec_time": round(seconds, 6),
        "results": [_result(result, rows) for result, rows in zip(results, written, strict=True)],
    }
    if any(result.truncated for result in results):
        data["truncated"] = True
    return data


async def dml_data_within(
    most: int, results: Sequence[StatementResult], seconds: float, *, compact: bool
) -> dict[str, object]:
    """As ``dml_data``, with fewer rows where it would be of more bytes. Raises DmlFailed."""
    share = 1.0
    while True:
        shown = [_first_rows(result, share) for result in results]
        data = await dml_data(shown, seconds, compact=compact)
        size = len(orjson.dumps(data))
        if size <= most:
            return data
        if not any(result.rows for result in shown):
            raise DmlFailed(
                f"The answer has more than {most} bytes also without its rows, which is more than"
                " an idempotency key keeps; nothing was changed. Send fewer statements at a time."
            )
        share *= min(0.75, most / size)


def _first_rows(result: StatementResult, share: float) -> StatementResult:
    most = int(len(result.rows) * share)
    if most == len(result.rows):
        return result
    return replace(result, rows=result.rows[:most], truncated=True)


def _result(result: StatementResult, rows: bytes) -> Mapping[str, object]:
    return {
        "kind": result.kind,
        "affected_rows": result.affected_rows,
        "columns": [{"name": column.name, "type": column.type} for column in result.columns],
        "rows": orjson.Fragment(rows),
        "truncated": result.truncated,
    }


async def _rows(result: StatementResult, *, compact: bool) -> bytes:
    """All of them as one JSON array."""
    if not result.rows:
        return _NONE
    names = [column.name for column in result.columns]
    if len(result.rows) * len(names) <= _FEW:
        return _array(names, result.rows, compact=compact)
    return _together(
        [_array(names, rows, compact=compact) async for rows in in_slices(result.rows, len(names))]
    )


def _array(names: Sequence[str], rows: Sequence[Sequence[object]], *, compact: bool) -> bytes:
    if compact:
        return orjson.dumps(rows)
    return orjson.dumps(list(map(dict, map(zip, repeat(names), rows))))


def _together(arrays: Sequence[bytes]) -> bytes:
    """The elements of all of these JSON arrays in one."""
    filled = [array for array in arrays if array != _NONE]
    if len(filled) > 1:
        return b"[" + b",".join([array[1:-1] for array in filled]) + b"]"
    return filled[0] if filled else _NONE
