from collections.abc import Sequence
from dataclasses import replace

from domain.gate import DmlStatement
from domain.ports import TenantTransaction
from service.use_cases.statements import DmlRequest, StatementTools, run_statements


async def explain_dml(request: DmlRequest, tools: StatementTools) -> list[object]:
    """PostgreSQL's plan of each statement, as JSON; none is run, and nothing could be written."""
    return await run_statements(replace(request, read_only=True), tools, _explain, as_sent=True)


async def _explain(
    work: TenantTransaction, statement: DmlStatement, number: int, values: Sequence[object]
) -> object:
    return await work.explain_dml(statement, number, values)
