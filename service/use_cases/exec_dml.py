from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from domain.answers import StatementResult
from domain.gate import DmlStatement
from domain.ports import TenantTransaction
from service.use_cases.statements import DmlRequest, StatementTools, run_statements


@dataclass(frozen=True, slots=True)
class DmlOutcome:
    """``results``: one for each statement; ``seconds`` with the gate and the wait for a turn."""

    results: list[StatementResult]
    seconds: float


async def exec_dml(request: DmlRequest, tools: StatementTools) -> DmlOutcome:
    started = perf_counter()
    results = await run_statements(request, tools, _exec)
    return DmlOutcome(results, perf_counter() - started)


async def _exec(
    work: TenantTransaction, statement: DmlStatement, number: int, values: Sequence[object]
) -> StatementResult:
    return await work.exec_dml(statement, number, values)
