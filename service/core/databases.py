"""The verbs on whole databases, and on the operations that clone and drop them."""

from collections.abc import AsyncIterator, Iterable
from math import inf

from api.clones import CloneDatabaseRequest
from api.operations import ListOperationsRequest, OperationRequest
from api.platforms import ShareDatabaseRequest
from api.schemas import (
    CreateDatabaseRequest,
    DropDatabaseRequest,
    GetDatabaseRequest,
    ListDatabasesRequest,
    ModifyDbDescriptionRequest,
    SetRowAccessRequest,
)
from domain.copies import Verify
from domain.database import Database, DatabasePage, RowAccess
from domain.description import DatabaseDescription
from domain.operation import Operation, OperationPage, OperationStatus
from domain.schema import Environment
from service.core.asking import Asking
from service.use_cases.cancel_operation import CancelOperation, cancel_operation
from service.use_cases.clone_database import clone_database
from service.use_cases.create_database import create_database
from service.use_cases.drop_database import drop_database
from service.use_cases.follow_operation import ended
from service.use_cases.get_database import get_database
from service.use_cases.get_operation import get_operation
from service.use_cases.list_databases import list_databases
from service.use_cases.list_operations import list_operations
from service.use_cases.modify_db_description import modify_db_description
from service.use_cases.set_row_access import set_row_access
from service.use_cases.share_database import share_database
from service.use_cases.watch_operation import watch_operation

_BOTH = frozenset(Environment)


class DatabaseVerbs(Asking):
    async def create_database(
        self,
        uid: str,
        database_name: str,
        *,
        description: str = "",
        space_id: str | None = None,
        row_access: RowAccess = RowAccess.OWN,
    ) -> Database:
        async with self._changing(
            "create_database",
            CreateDatabaseRequest,
            uid=uid,
            database_name=database_name,
            description=description,
            space_id=space_id,
            row_access=row_access,
        ) as asked:
            state = asked.state
            return await create_database(
                asked.body.command(state), state["unit_of_work"], state["limits"], asked.change
            )

    async def clone_database(
        self,
        uid: str,
        database_id: int,
        new_database_name: str,
        *,
        space_id: str | None = None,
        target_space_id: str | None = None,
        environments: Iterable[Environment] = _BOTH,
        schema_only: bool = False,
        tables: Iterable[str] | None = None,
        verify: Verify = Verify.COUNTS,
        wait: bool = True,
    ) -> Operation:
        """``database_id`` of what it returns is the copy's.

        ``wait``: to its end, however long; raises what it fails with. Otherwise a worker of the
        service, or this core as long as it is open, goes on with it.
        """
        async with self._changing(
            "clone_database",
            CloneDatabaseRequest,
            uid=uid,
            space_id=space_id,
            database_id=database_id,
            new_database_name=new_database_name,
            target_space_id=target_space_id,
            environments=list(environments),
            schema_only=schema_only,
            tables=None if tables is None else list(tables),
            verify=verify,
            wait=wait,
        ) as asked:
            tools = asked.state["operation_tools"]
            begun = await clone_database(asked.body.command(asked.state), tools, asked.change)
        return await ended(begun, tools, inf) if wait else begun

    async def drop_database(
        self, uid: str, database_id: int, *, space_id: str | None = None, wait: bool = True
    ) -> Operation | None:
        """None: it was dropped at once. ``wait``: see ``clone_database``."""
        async with self._changing(
            "drop_database",
            DropDatabaseRequest,
            uid=uid,
            space_id=space_id,
            database_id=database_id,
            wait=wait,
        ) as asked:
            tools = asked.state["operation_tools"]
            begun = await drop_database(asked.body.command(asked.state), tools, asked.change)
        return await ended(begun, tools, inf) if wait and begun is not None else begun

    async def modify_db_description(
        self, uid: str, database_id: int, description: str | None, *, space_id: str | None = None
    ) -> None:
        async with self._changing(
            "modify_db_description",
            ModifyDbDescriptionRequest,
            uid=uid,
            space_id=space_id,
            database_id=database_id,
            description=description,
        ) as asked:
            state = asked.state
            await modify_db_description(
                asked.body.command(state), state["unit_of_work"], state["directory"], asked.change
            )

    async def set_row_access(
        self, uid: str, database_id: int, row_access: RowAccess, *, space_id: str | None = None
    ) -> None:
        async with self._changing(
            "set_row_access",
            SetRowAccessRequest,
            uid=uid,
            space_id=space_id,
            database_id=database_id,
            row_access=row_access,
        ) as asked:
            state = asked.state
            await set_row_access(
                asked.body.command(state), state["unit_of_work"], state["directory"], asked.change
            )

    async def share_database(
        self,
        uid: str,
        database_id: int,
        platform_names: Iterable[str],
        *,
        space_id: str | None = None,
    ) -> None:
        async with self._changing(
            "share_database",
            ShareDatabaseRequest,
            uid=uid,
            space_id=space_id,
            database_id=database_id,
            platform_names=list(platform_names),
        ) as asked:
            state = asked.state
            await share_database(
                asked.body.command(state), state["unit_of_work"], state["directory"], asked.change
            )

    async def list_databases(
        self,
        uid: str,
        *,
        space_id: str | None = None,
        name_contains: str = "",
        cursor: int | None = None,
        limit: int = 50,
    ) -> DatabasePage:
        asked = self._ask(
            ListDatabasesRequest,
            uid=uid,
            space_id=space_id,
            name_contains=name_contains,
            cursor=cursor,
            limit=limit,
        )
        return await list_databases(asked.body.command(asked.state), asked.state["unit_of_work"])

    async def get_database(
        self, uid: str, database_id: int, *, space_id: str | None = None
    ) -> DatabaseDescription:
        asked = self._ask(GetDatabaseRequest, uid=uid, space_id=space_id, database_id=database_id)
        return await get_database(asked.body.command(asked.state), asked.state["unit_of_work"])


class OperationVerbs(Asking):
    async def get_operation(
        self, uid: str, operation_id: int, *, space_id: str | None = None
    ) -> Operation:
        asked = self._ask(OperationRequest, uid=uid, space_id=space_id, operation_id=operation_id)
        return await get_operation(asked.body.command(asked.state), asked.state["unit_of_work"])

    async def list_operations(
        self,
        uid: str,
        *,
        space_id: str | None = None,
        database_id: int | None = None,
        status: OperationStatus | None = None,
        cursor: int | None = None,
        limit: int = 50,
    ) -> OperationPage:
        asked = self._ask(
            ListOperationsRequest,
            uid=uid,
            space_id=space_id,
            database_id=database_id,
            status=status,
            cursor=cursor,
            limit=limit,
        )
        return await list_operations(asked.body.command(asked.state), asked.state["unit_of_work"])

    async def cancel_operation(
        self, uid: str, operation_id: int, *, space_id: str | None = None
    ) -> Operation:
        async with self._changing(
            "cancel_operation",
            OperationRequest,
            uid=uid,
            space_id=space_id,
            operation_id=operation_id,
        ) as asked:
            command = CancelOperation(asked.body.operation_id, asked.state["caller"])
            return await cancel_operation(command, asked.state["operation_tools"], asked.change)

    async def watch_operation(
        self, uid: str, operation_id: int, *, space_id: str | None = None
    ) -> AsyncIterator[Operation]:
        """As it is now, and with each change, to its end."""
        asked = self._ask(OperationRequest, uid=uid, space_id=space_id, operation_id=operation_id)
        tools = asked.state["operation_tools"]
        async for seen in await watch_operation(asked.body.command(asked.state), tools):
            yield seen
