"""What the use cases need of the outside, as protocols; ``repository`` implements them."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.database import Database, DatabasePage, NewDatabase
from domain.description import SchemaDescription
from domain.gate import DdlStatement, DmlStatement
from domain.identifiers import Identifier
from domain.ownership import RowOwner
from domain.schema import Environment


class DatabaseStore(Protocol):
    """Rows of ``database_meta`` with their ``schema_meta``; dropped databases do not exist here."""

    async def find(self, database_id: int) -> Database | None: ...

    async def lock(self, database_id: int) -> Database | None:
        """As ``find``, and nobody else changes, drops or clones it until the transaction ends."""

    async def lock_to_read(self, database_id: int) -> Database | None:
        """As ``find``, and nobody changes its structure or drops it; readers share the lock."""

    async def create_database(self, new: NewDatabase) -> Database:
        """Raises DatabaseNameTaken."""

    async def drop_database(self, database: Database, dropped_by: str) -> None: ...

    async def modify_db_description(
        self, database: Database, description: str, modified_by: str
    ) -> None: ...

    async def list_databases(
        self,
        *,
        uid: str,
        space_id: str | None,
        name_contains: str,
        before_id: int | None,
        limit: int,
    ) -> DatabasePage:
        """Newest first; of the space where one is named, else of the uid."""


class SchemaStore(Protocol):
    """The PostgreSQL schemas themselves."""

    async def create_database(self, database: Database) -> None: ...

    async def drop_database(self, database: Database) -> None: ...

    async def clone_database(self, source: Database, copy: Database) -> None:
        """Into the empty schemas of ``copy``. Raises CloneNotPossible before it copies anything."""

    async def exec_ddl(
        self, schema: Identifier, statements: Sequence[DdlStatement], run_by: str
    ) -> None:
        """Raises DdlFailed, DdlNotAllowed. New rows that have no owner are given to ``run_by``."""

    async def get_database(
        self, environment: Environment, schema: Identifier
    ) -> SchemaDescription: ...


class UnitOfWork(Protocol):
    """One transaction; leaving without ``commit`` rolls everything back."""

    @property
    def databases(self) -> DatabaseStore: ...
    @property
    def schemas(self) -> SchemaStore: ...

    async def commit(self) -> None: ...


class UnitOfWorkFactory(Protocol):
    def __call__(self, *, snapshot: bool = False) -> AbstractAsyncContextManager[UnitOfWork]:
        """``snapshot``: all that is read is of one moment (REPEATABLE READ)."""


class DatabaseDirectory(Protocol):
    """Databases seen before, without asking PostgreSQL; told of drops and changes elsewhere."""

    async def find(self, database_id: int) -> Database | None: ...

    def forget(self, database_id: int) -> None: ...


@dataclass(frozen=True, slots=True)
class StatementResult:
    rows: Sequence[dict[str, object]]
    truncated: bool


class TenantTransaction(Protocol):
    """One transaction as ``twinbase_dml`` in one schema; leaving without ``commit`` rolls back."""

    async def exec_dml(self, statement: DmlStatement, number: int) -> StatementResult:
        """Raises DmlFailed, NoAuthority, StatementTimeout; ``number`` counts from 1."""

    async def commit(self) -> None: ...


class TenantTransactionFactory(Protocol):
    def __call__(
        self, schema: Identifier, row_owner: RowOwner
    ) -> AbstractAsyncContextManager[TenantTransaction]: ...


class Readiness(Protocol):
    async def check(self) -> None:
        """Raises ServiceUnavailable when PostgreSQL cannot be reached or is not migrated."""
