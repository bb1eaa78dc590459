"""The verbs that run SQL."""

from typing import Any

from api.state import State
from api.statements import (
    CancelStatementRequest,
    ExecDdlRequest,
    ExecDmlRequest,
    ExplainDmlRequest,
    ListDdlRequest,
)
from domain.audit import AuditedChange
from domain.changes import Change
from domain.history import DdlPage
from domain.parameters import Params
from domain.schema import Environment
from service.core.asking import Asking
from service.use_cases.cancel_statement import cancel_statement
from service.use_cases.exec_ddl import exec_ddl
from service.use_cases.exec_dml import DmlOutcome, exec_dml
from service.use_cases.explain_dml import explain_dml
from service.use_cases.list_ddl import list_ddl


class StatementVerbs(Asking):
    async def exec_ddl(
        self,
        uid: str,
        database_id: int,
        ddl: str,
        *,
        space_id: str | None = None,
        env: Environment | None = None,
        dry_run: bool = False,
        timeout_ms: int | None = None,
        lock_timeout_ms: int | None = None,
    ) -> list[Change]:
        """What a dry run would change; nothing else is told."""
        fields: dict[str, Any] = {
            "uid": uid,
            "space_id": space_id,
            "database_id": database_id,
            "ddl": ddl,
            "env": env,
            "dry_run": dry_run,
            "timeout_ms": timeout_ms,
            "lock_timeout_ms": lock_timeout_ms,
        }
        if dry_run:
            asked = self._ask(ExecDdlRequest, **fields)
            return await _exec_ddl(asked.body, asked.state, None)
        async with self._changing("exec_ddl", ExecDdlRequest, **fields) as changing:
            return await _exec_ddl(changing.body, changing.state, changing.change)

    async def exec_dml(
        self,
        uid: str,
        app_id: str,
        database_id: int,
        dml: str,
        env: Environment,
        *,
        space_id: str | None = None,
        params: Params | None = None,
        read_only: bool = False,
        timeout_ms: int | None = None,
        lock_timeout_ms: int | None = None,
    ) -> DmlOutcome:
        """``params``, and the values of rows: as JSON carries them."""
        asked = self._ask(
            ExecDmlRequest,
            uid=uid,
            space_id=space_id,
            app_id=app_id,
            database_id=database_id,
            dml=dml,
            env=env,
            params=params,
            read_only=read_only,
            timeout_ms=timeout_ms,
            lock_timeout_ms=lock_timeout_ms,
        )
        request = asked.body.request(asked.state, read_only=read_only)
        return await exec_dml(request, asked.state["statement_tools"])

    async def explain_dml(
        self,
        uid: str,
        app_id: str,
        database_id: int,
        dml: str,
        env: Environment,
        *,
        space_id: str | None = None,
        params: Params | None = None,
        timeout_ms: int | None = None,
        lock_timeout_ms: int | None = None,
    ) -> list[object]:
        """PostgreSQL's plan of each statement, as EXPLAIN (FORMAT JSON) tells it."""
        asked = self._ask(
            ExplainDmlRequest,
            uid=uid,
            space_id=space_id,
            app_id=app_id,
            database_id=database_id,
            dml=dml,
            env=env,
            params=params,
            timeout_ms=timeout_ms,
            lock_timeout_ms=lock_timeout_ms,
        )
        request = asked.body.request(asked.state)
        return await explain_dml(request, asked.state["statement_tools"])

    async def list_ddl(
        self,
        uid: str,
        database_id: int,
        *,
        space_id: str | None = None,
        cursor: int | None = None,
        limit: int = 50,
    ) -> DdlPage:
        asked = self._ask(
            ListDdlRequest,
            uid=uid,
            space_id=space_id,
            database_id=database_id,
            cursor=cursor,
            limit=limit,
        )
        return await list_ddl(asked.body.command(asked.state), asked.state["unit_of_work"])

    async def cancel_statement(
        self, uid: str, database_id: int, sid: str, *, space_id: str | None = None
    ) -> None:
        """Of a request to the service; what this core runs ends with the task that awaits it."""
        asked = self._ask(
            CancelStatementRequest, uid=uid, space_id=space_id, database_id=database_id, sid=sid
        )
        state = asked.state
        command = asked.body.command(state)
        await cancel_statement(command, state["directory"], state["running_statements"])


async def _exec_ddl(
    body: ExecDdlRequest, state: State, change: AuditedChange | None
) -> list[Change]:
    return await exec_ddl(body.command(state, change), state["statement_tools"]) or []
