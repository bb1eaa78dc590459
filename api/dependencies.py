"""What routes ask for: collaborators from the lifespan's state, and the request's sid."""

from typing import Annotated, Any

from fastapi import Depends, Request

from domain.ports import (
    DatabaseDirectory,
    Readiness,
    RunningStatements,
    UnitOfWorkFactory,
)
from service.use_cases.statements import StatementTools


def _from_state(name: str) -> Any:
    async def read(request: Request) -> object:
        return getattr(request.state, name)

    return Depends(read)


UnitOfWorkDep = Annotated[UnitOfWorkFactory, _from_state("unit_of_work")]
DirectoryDep = Annotated[DatabaseDirectory, _from_state("directory")]
StatementToolsDep = Annotated[StatementTools, _from_state("statement_tools")]
RunningStatementsDep = Annotated[RunningStatements, _from_state("running_statements")]
ReadinessDep = Annotated[Readiness, _from_state("readiness")]
Sid = Annotated[str, _from_state("sid")]
