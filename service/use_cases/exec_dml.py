from dataclasses import dataclass
from time import perf_counter

from domain.gate import admit_dml
from domain.identifiers import Identifier
from domain.ownership import Caller, RowOwner, authorised
from domain.ports import DatabaseDirectory, TenantTransactionFactory
from domain.schema import Environment
from exceptions.errors import NoAuthority


@dataclass(frozen=True, slots=True)
class ExecDml:
    database_id: int
    caller: Caller
    app_id: str
    dml: str
    environment: Environment


@dataclass(frozen=True, slots=True)
class DmlOutcome:
    """``rows`` of all statements, one after the other; ``seconds`` in PostgreSQL and on the way."""

    rows: list[dict[str, object]]
    truncated: bool
    seconds: float


async def exec_dml(
    command: ExecDml, directory: DatabaseDirectory, transaction: TenantTransactionFactory
) -> DmlOutcome:
    database = authorised(await directory.find(command.database_id), command.caller)
    try:
        return await _run(command, database.schema(command.environment), transaction)
    except NoAuthority:
        # A table is missing where the whole database was dropped a moment ago, too.
        directory.forget(database.id)
        authorised(await directory.find(command.database_id), command.caller)
        raise


async def _run(
    command: ExecDml, schema: Identifier, transaction: TenantTransactionFactory
) -> DmlOutcome:
    statements = admit_dml(command.dml, schema.name)
    row_owner = RowOwner(uid=command.caller.uid, app_id=command.app_id)
    rows: list[dict[str, object]] = []
    truncated = False
    started = perf_counter()
    async with transaction(schema, row_owner) as work:
        for number, statement in enumerate(statements, start=1):
            result = await work.exec_dml(statement, number)
            rows.extend(result.rows)
            truncated = truncated or result.truncated
        await work.commit()
    return DmlOutcome(rows, truncated, perf_counter() - started)
