"""Advice never takes the place of the error that it is about."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import cast

from domain.database import Database, DatabaseStatus, RowAccess
from domain.ports import UnitOfWorkFactory
from domain.schema import Environment
from exceptions.errors import DmlFailed, ServiceUnavailable, SqlDetails
from service.use_cases.advice import advise

_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
DATABASE = Database(
    id=1,
    platform_id=1,
    shared_with=frozenset(),
    name="d",
    uid="u1",
    description="",
    space_id=None,
    status=DatabaseStatus.READY,
    row_access=RowAccess.OWN,
    create_at=_MOMENT,
    update_at=_MOMENT,
    schemas={},
)


class Names:
    """The part of a unit of work that advice asks."""

    def __init__(self) -> None:
        self.schemas = self
        self.asked = 0
        self.reachable = True

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Names"]:
        if not self.reachable:
            raise ServiceUnavailable
        yield self

    async def names(self, _database: Database) -> Mapping[Environment, Mapping[str, Sequence[str]]]:
        self.asked += 1
        return {Environment.TEST: {"items": ["id", "price"]}}


async def advised(sql: str, names: Names) -> str | None:
    error = DmlFailed(None, SqlDetails(sqlstate="42703", offset=sql.index("prise")))
    opened = cast("UnitOfWorkFactory", names.open)
    await advise(error, sql, Environment.TEST, DATABASE, opened)
    assert error.sql is not None
    return error.sql.hint


async def test_who_misspelt_is_helped() -> None:
    assert await advised('SELECT prise FROM "items"', Names()) == 'Perhaps you mean "price".'


async def test_what_goes_wrong_with_advice_is_kept_quiet() -> None:
    names = Names()
    names.reachable = False
    assert await advised("SELECT prise FROM items", names) is None


async def test_long_sql_is_not_looked_at() -> None:
    names = Names()
    assert await advised(f"SELECT prise FROM items {'x' * 4_096}", names) is None
    assert names.asked == 0
