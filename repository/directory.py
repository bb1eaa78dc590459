"""Databases seen before: a bounded cache, kept true by LISTEN for what other workers do.

A cached database is at worst gone or renamed, never somebody else's: owner and schemas of an id
do not change. Without its session the directory remembers nothing.
"""

from collections import OrderedDict

from domain.database import Database
from domain.figures import CacheFigures
from domain.ports import UnitOfWorkFactory
from repository.databases import CHANGES_CHANNEL
from repository.own_session import OwnSession


class CachedDirectory:
    """Knows what it may remember as long as ``session`` hears of changes."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, session: OwnSession, *, most: int) -> None:
        self._unit_of_work = unit_of_work
        self._session = session
        self._most = most
        self._seen: OrderedDict[int, Database] = OrderedDict()
        self._figures = CacheFigures()
        self._told = 0  # grows with every message, so that a read begun before one is not kept
        session.hear(CHANGES_CHANNEL, self._on_message, self._forget_all)

    async def find(self, database_id: int) -> Database | None:
        database = self._seen.get(database_id)
        if database is not None:
            self._seen.move_to_end(database_id)
            self._figures.hits += 1
            return database
        self._figures.misses += 1
        told = self._told
        async with self._unit_of_work() as work:
            database = await work.databases.find(database_id)
        is_sure = self._session.is_open and told == self._told
        if database is not None and database.is_ready and is_sure:
            self._seen[database_id] = database
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return database

    @property
    def figures(self) -> CacheFigures:
        self._figures.entries = len(self._seen)
        return self._figures

    def forget(self, database_id: int) -> None:
        self._told += 1
        self._seen.pop(database_id, None)

    def _forget_all(self) -> None:
        self._told += 1
        self._seen.clear()

    def _on_message(self, told: str) -> None:
        if told.isdecimal():
            self.forget(int(told))
