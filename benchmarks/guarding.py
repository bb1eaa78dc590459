"""What the service's SQL does for a schema and for a table, so that they are a tenant's."""

from domain.identifiers import Identifier
from repository.queries import queries, with_identifiers
from repository.roles import DML_ROLES, OWNER

_SQL = queries("schemas")


def tenants_schema(schema: Identifier) -> str:
    return with_identifiers(_SQL["create_schema"], schema=schema, owner=OWNER, **DML_ROLES)


def guard(schema: Identifier, table: str) -> str:
    """Owner, row security with its policies, trigger and rights of a table without moments."""
    name, no_column = Identifier(table), Identifier("none")
    give = with_identifiers(_SQL["give_table"], schema=schema, name=name, owner=OWNER)
    protect = with_identifiers(
        _SQL["guard_table"],
        schema=schema,
        table=name,
        create_time=no_column,
        update_time=no_column,
        **DML_ROLES,
    )
    return f"{give};{protect}"
