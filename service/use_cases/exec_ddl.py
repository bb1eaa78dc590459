from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from domain.audit import AuditedChange
from domain.changes import Change, changes_between
from domain.database import Database
from domain.description import SchemaDescription
from domain.gate import DdlStatement
from domain.identifiers import Identifier
from domain.ownership import Caller, authorised
from domain.ports import UnitOfWork
from domain.schema import Environment
from domain.timeouts import Timeouts
from exceptions.errors import TwinbaseError
from service.use_cases.advice import advise
from service.use_cases.judging import judged_in_turn
from service.use_cases.statements import StatementTools, label_of
from service.use_cases.time_limit import TimeLimit
from service.use_cases.within_quota import charge_statements, quota_of_statements
from service.use_cases.within_structure import StructureBound


@dataclass(frozen=True, slots=True)
class ExecDdl:
    """``environment`` None: both; ``sid`` names the request, in the history and to cancel it.

    ``change`` None: of a dry run.
    """

    database_id: int
    caller: Caller
    ddl: str
    sid: str
    environment: Environment | None = None
    dry_run: bool = False
    timeout_ms: int | None = None
    lock_timeout_ms: int | None = None
    change: AuditedChange | None = None

    def schemas(self, database: Database) -> dict[Environment, Identifier]:
        if self.environment is None:
            return dict(database.schemas)
        return {self.environment: database.schema(self.environment)}


async def exec_ddl(command: ExecDdl, tools: StatementTools) -> list[Change] | None:
    """On the schemas of the pair that are asked for, or on none.

    A dry run keeps nothing and tells what it would have changed.
    """
    database = authorised(await tools.directory.find(command.database_id), command.caller)
    async with await quota_of_statements(tools.quotas, command.caller, database):
        return await _run_advised(command, database, tools)


async def _run_advised(
    command: ExecDdl, database: Database, tools: StatementTools
) -> list[Change] | None:
    try:
        timeouts = tools.timeouts.within(command.timeout_ms, command.lock_timeout_ms)
        whose = (database.id, database.owner, label_of(command.sid, database.id))
        return await judged_in_turn(
            command.ddl,
            partial(tools.gate.admit_ddl, command.ddl),
            tools.turns(*whose),
            tools.turns_to_be_judged(*whose),
            partial(_run, command, database, timeouts, tools),
        )
    except TwinbaseError as error:
        error.locate(command.ddl)
        environment = next(iter(command.schemas(database)))
        await advise(error, command.ddl, environment, database, tools.unit_of_work)
        raise


async def _run(
    command: ExecDdl,
    found: Database,
    timeouts: Timeouts,
    tools: StatementTools,
    statements: Sequence[DdlStatement],
) -> list[Change] | None:
    await charge_statements(tools.quotas, command.caller, found, len(statements))
    label = label_of(command.sid, command.database_id)
    bound = await StructureBound.of(found, tools.quotas.limits, tools.quotas.storage)
    async with (
        TimeLimit(timeouts.statement) as limit,
        tools.unit_of_work(timeouts=timeouts, label=label, change=command.change) as work,
    ):
        database = authorised(await work.databases.lock(command.database_id), command.caller)
        schemas = command.schemas(database)
        before = await _described(work, schemas) if command.dry_run else []
        await bound.begin(work)
        await work.schemas.exec_ddl(
            list(schemas.values()),
            statements,
            command.caller.uid,
            _lock_timeout(command, timeouts, tools),
            rehearsal=command.dry_run,
        )
        await bound.check(work)
        if command.dry_run:
            after = await _described(work, schemas)
            pairs = zip(before, after, strict=True)
            return [change for was, now in pairs for change in changes_between(was, now)]
        texts = [statement.sent for statement in statements]
        await work.history.add_ddl(database.id, list(schemas), texts, command.caller, command.sid)
        limit.lift()
        await work.commit()
    bound.ended()
    tools.directory.forget(database.id)
    return None


def _lock_timeout(command: ExecDdl, timeouts: Timeouts, tools: StatementTools) -> int:
    """Who waits for a table is in others' way; who waits for the database itself is in nobody's."""
    if command.lock_timeout_ms is not None:
        return timeouts.lock
    return min(tools.ddl_lock_timeout, timeouts.lock)


async def _described(
    work: UnitOfWork, schemas: Mapping[Environment, Identifier]
) -> list[SchemaDescription]:
    return [
        await work.schemas.get_database(environment, schema)
        for environment, schema in schemas.items()
    ]
