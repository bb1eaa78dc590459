"""A hint for whoever misspelt a name."""

from domain.database import Database
from domain.ports import UnitOfWorkFactory
from domain.schema import Environment
from domain.suggestions import is_of_a_name, suggestion
from exceptions.errors import TwinbaseError


async def advise(
    error: TwinbaseError,
    sql: str,
    environment: Environment,
    database: Database,
    unit_of_work: UnitOfWorkFactory,
) -> None:
    """The nearest name of the pair, where PostgreSQL did not find one of the statement's."""
    if error.sql is None or not is_of_a_name(error.sql):
        return
    async with unit_of_work() as work:
        names = await work.schemas.names(database)
    hint = suggestion(error.sql, sql, environment, names)
    if hint:
        error.advise(hint)
