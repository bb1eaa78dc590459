"""Rows of statements as JSON, written once and used wherever an answer shows them."""

from collections.abc import Mapping, Sequence

import orjson

from domain.answers import StatementResult
from domain.slices import in_slices


async def dml_data(
    results: Sequence[StatementResult], seconds: float, *, compact: bool
) -> dict[str, object]:
    """``exec_dml``'s answer. ``compact``: rows are lists, and are told once."""
    written = [await _rows(result, compact=compact) for result in results]
    data: dict[str, object] = {
        "exec_success": _list([] if compact else written),
        "exec_failure": [],
        "exec_time": round(seconds, 6),
        "results": [_result(result, rows) for result, rows in zip(results, written, strict=True)],
    }
    if any(result.truncated for result in results):
        data["truncated"] = True
    return data


def _result(result: StatementResult, rows: bytes) -> Mapping[str, object]:
    return {
        "kind": result.kind,
        "affected_rows": result.affected_rows,
        "columns": [{"name": column.name, "type": column.type} for column in result.columns],
        "rows": _list([rows]),
        "truncated": result.truncated,
    }


async def _rows(result: StatementResult, *, compact: bool) -> bytes:
    """Without the brackets around them."""
    if not result.rows:
        return b""
    names = [column.name for column in result.columns]
    parts = []
    async for rows in in_slices(result.rows, len(names)):
        shown = rows if compact else [dict(zip(names, row, strict=True)) for row in rows]
        parts.append(orjson.dumps(shown)[1:-1])
    return b",".join(parts)


def _list(parts: Sequence[bytes]) -> orjson.Fragment:
    return orjson.Fragment(b"[" + b",".join(part for part in parts if part) + b"]")
