"""What an administrator does once: the database, the roles, what nobody else may execute.

Idempotent, and safe when several instances start at once.
"""

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg
from asyncpg import Connection

from domain.identifiers import Identifier
from repository.queries import queries, with_identifiers
from repository.roles import DDL, DML_ROLES, OWNER, SERVICE

_SQL = queries("bootstrap")
_OF_A_SUPERUSER = queries("superuser")
_REVOKE = "REVOKE EXECUTE ON FUNCTION {signature} FROM {grantee}"
_LOCK = 7_990_001  # any number that nobody else uses in this cluster
_FUNCTIONS_TOLD = 2

ALREADY_THERE = (asyncpg.DuplicateObjectError, asyncpg.DuplicateDatabaseError)


class BootstrapError(Exception):
    """One line for the operator."""


async def bootstrap(admin_url: str, database_url: str) -> None:
    """Makes everything that the service needs before its own login can work.

    ``admin_url`` may name any database of the cluster; ``database_url`` names the service's.
    Raises BootstrapError, asyncpg's errors, OSError.
    """
    target = urlsplit(database_url)
    database = database_of(database_url)
    login = unquote(target.username or "")
    if not login:
        raise BootstrapError("TWINBASE_DATABASE_URL names no user for the service to log in as")
    admin = await asyncpg.connect(admin_url)
    try:
        await _locked(admin)
        await _create_roles(admin, Identifier(login), unquote(target.password or "") or None)
        if not await admin.fetchval(_SQL["database_exists"], database):
            statement = with_identifiers(_SQL["create_database"], database=Identifier(database))
            await _unless_there(admin, statement)
    finally:
        await admin.close()
    inside = await asyncpg.connect(same_database(admin_url, database_url))
    try:
        await _locked(inside)
        await _grant(inside, Identifier(database))
    finally:
        await inside.close()


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """``remedy``: SQL for an administrator, where a statement mends it."""

    what: str
    remedy: str | None


async def revision_in(admin_url: str, database_url: str) -> str | None:
    """Of the service's schema, before bootstrap changes anything; None where there is none yet."""
    try:
        inside = await asyncpg.connect(same_database(admin_url, database_url))
    except asyncpg.InvalidCatalogNameError:
        return None
    try:
        # An administrator who may not look: migrations will, as the service.
        with suppress(asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            revision: str | None = await inside.fetchval(_SQL["revision"])
            return revision
    finally:
        await inside.close()
    return None


async def shortcomings(database_url: str) -> list[str]:
    """Why the service must not start on this database; empty when it may."""
    connection = await asyncpg.connect(database_url)
    try:
        found = [each.what for each in await missing_isolation(connection)]
        functions = [each.what for each in await open_functions(connection)]
    finally:
        await connection.close()
    if len(functions) > _FUNCTIONS_TOLD:
        functions = [*functions[:_FUNCTIONS_TOLD], f"and {len(functions) - _FUNCTIONS_TOLD} more"]
    return found + functions


async def missing_isolation(connection: Connection) -> list[Shortcoming]:
    return [
        Shortcoming(row["shortcoming"], row["remedy"])
        for row in await connection.fetch(_SQL["shortcomings"])
    ]


async def open_functions(connection: Connection) -> list[Shortcoming]:
    """That tenants may execute, and must not."""
    return [
        Shortcoming(
            f"{'everybody' if row['grantee'] == 'PUBLIC' else row['grantee']} may execute {row[0]}",
            _REVOKE.format(signature=row[0], grantee=row["grantee"]),
        )
        for row in await connection.fetch(_SQL["functions_to_keep_from_tenants"])
    ]


def body_of_guard() -> str:
    """Of the event trigger's function, as PostgreSQL keeps it."""
    _, body, _ = with_identifiers(_SQL["guard_commands"], ddl=DDL, **DML_ROLES).split("$$")
    return body


def same_database(url: str, database_url: str) -> str:
    """``url`` into the database of the other one."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database_of(database_url))}"))


def database_of(database_url: str) -> str:
    return unquote(urlsplit(database_url).path.lstrip("/")) or "twinbase"


async def _locked(connection: Connection) -> None:
    """Until the connection closes: one bootstrap at a time in this database."""
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)


async def _create_roles(admin: Connection, login: Identifier, password: str | None) -> None:
    for role in (SERVICE, OWNER, DDL, *DML_ROLES.values(), login):
        if not await admin.fetchval(_SQL["role_exists"], role.name):
            await _unless_there(admin, with_identifiers(_SQL["create_role"], role=role))
    if await admin.fetchval(_SQL["is_superuser"], login.name):
        raise BootstrapError(
            f"{login.name}, the login of TWINBASE_DATABASE_URL, is a superuser; "
            "give the service a login of its own, it will be created"
        )
    if password is None:
        await admin.execute(with_identifiers(_SQL["allow_login"], role=login))
    else:
        await admin.execute(await admin.fetchval(_SQL["login_statement"], login.name, password))
    await admin.execute(with_identifiers(_SQL["bound_temporary_files"], role=login))
    for role in (OWNER, DDL, *DML_ROLES.values()):
        await admin.execute(with_identifiers(_SQL["grant_role"], role=role, member=SERVICE))
    if login != SERVICE:
        await admin.execute(with_identifiers(_SQL["grant_role"], role=SERVICE, member=login))


async def _unless_there(connection: Connection, statement: str) -> None:
    """Another database's bootstrap may create a role of the cluster in the same moment."""
    try:
        await connection.execute(statement)
    except ALREADY_THERE:
        return


async def _grant(inside: Connection, database: Identifier) -> None:
    await inside.execute(with_identifiers(_SQL["grants"], database=database, service=SERVICE))
    # An administrator who may not give it: sessions are closed without a look (tenant_connection).
    with suppress(asyncpg.InsufficientPrivilegeError):
        await inside.execute(with_identifiers(_SQL["let_look_at_memory"], service=SERVICE))
    await inside.execute(await _guard(inside))
    for row in await inside.fetch(_SQL["functions_to_keep_from_tenants"]):
        signature = row[0]  # quoted by PostgreSQL's own format()
        keepers = f"{SERVICE}, {DDL}" if row["is_for_ddl"] else str(SERVICE)
        await inside.execute(
            _REVOKE.format(signature=signature, grantee=row["grantee"])
            + f";GRANT EXECUTE ON FUNCTION {signature} TO {keepers}"
        )


async def _guard(inside: Connection) -> str:
    """A superuser's makes what only a superuser may make, too; see ``sql/superuser.sql``."""
    guard = with_identifiers(_SQL["guard_commands"], ddl=DDL, **DML_ROLES)
    if not await inside.fetchval(
        _SQL["is_superuser"], await inside.fetchval("SELECT current_user")
    ):
        return guard
    before, *functions = (
        with_identifiers(statement, service=SERVICE, owner=OWNER)
        for statement in _OF_A_SUPERUSER.values()
    )
    return ";".join((before, guard, *functions))
