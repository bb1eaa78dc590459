"""A hint for whoever misspelt a name."""

from contextlib import suppress

from domain.database import Database
from domain.ports import UnitOfWorkFactory
from domain.schema import Environment
from domain.suggestions import is_of_a_name, suggestion
from exceptions.errors import TwinbaseError

_LONGEST_SQL = 4_096  # characters that are worth reading for a hint


async def advise(
    error: TwinbaseError,
    sql: str,
    environment: Environment,
    database: Database,
    unit_of_work: UnitOfWorkFactory,
) -> None:
    """The nearest name of the pair, where PostgreSQL did not find one of the statement's.

    Whatever goes wrong with it, the error remains what the caller is told.
    """
    if error.sql is None or not is_of_a_name(error.sql) or len(sql) > _LONGEST_SQL:
        return
    with suppress(TwinbaseError):
        async with unit_of_work() as work:
            names = await work.schemas.names(database)
        hint = suggestion(error.sql, sql, environment, names)
        if hint:
            error.advise(hint)
