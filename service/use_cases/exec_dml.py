import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from time import perf_counter
from typing import Any

import orjson

from domain.answers import StatementResult
from domain.gate import DmlStatement
from domain.ports import TenantTransaction
from service.use_cases.statements import DmlRequest, StatementTools, run_statements


@dataclass(frozen=True, slots=True)
class DmlOutcome:
    """``results``: one for each statement; ``seconds`` with the gate and the wait for a turn."""

    results: list[StatementResult]
    seconds: float

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Of all statements, in one list; of columns with one name the last counts."""
        return [row for result in self.results for row in objects(result)]


def objects(result: StatementResult) -> list[dict[str, Any]]:
    names = [column.name for column in result.columns]
    return [dict(zip(names, row, strict=True)) for row in lists(result)]


def lists(result: StatementResult) -> list[list[Any]]:
    """Rows with values as JSON carries them; a number that is no integer is a Decimal."""
    return [list(map(_read, row)) for row in result.rows]


def _read(value: object) -> object:
    """What PostgreSQL has written as JSON, such as numeric, stays so on its way to an answer."""
    if not isinstance(value, orjson.Fragment):
        return value
    return json.loads(orjson.dumps(value), parse_float=Decimal)


async def exec_dml(request: DmlRequest, tools: StatementTools) -> DmlOutcome:
    started = perf_counter()
    results = await run_statements(request, tools, _exec)
    return DmlOutcome(results, perf_counter() - started)


async def _exec(
    work: TenantTransaction, statement: DmlStatement, number: int, values: Sequence[object]
) -> StatementResult:
    return await work.exec_dml(statement, number, values)
