"""Runs migrations of schema ``twinbase`` on the connection that ``repository`` hands over.

Tenants' schemas are not Alembic's: their owners change them with exec_ddl.
"""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import domain.audit
import domain.database
import domain.history
import domain.once
import domain.operation
import domain.platform
import domain.quota
import domain.schema
import domain.statistics
import domain.usage

VERSION_TABLE = "alembic_version"


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name == domain.schema.METADATA_SCHEMA


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_schemas=True,
        include_name=include_name,
        version_table=VERSION_TABLE,
        version_table_schema=domain.schema.METADATA_SCHEMA,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
