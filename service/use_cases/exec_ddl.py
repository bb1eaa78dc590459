from dataclasses import dataclass

from domain.gate import admit_ddl
from domain.ownership import Caller
from domain.ports import UnitOfWorkFactory
from service.use_cases.authority import locked


@dataclass(frozen=True, slots=True)
class ExecDdl:
    database_id: int
    caller: Caller
    ddl: str


async def exec_ddl(command: ExecDdl, unit_of_work: UnitOfWorkFactory) -> None:
    """On both schemas of the pair, or on neither."""
    statements = admit_ddl(command.ddl)
    async with unit_of_work() as work:
        database = await locked(work, command.database_id, command.caller)
        for schema in database.schemas.values():
            await work.schemas.exec_ddl(schema, statements, command.caller.uid)
        await work.commit()
