"""Quotas, what is left of statements per second, and how large each database is.

Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WRITTEN_RELATIONS = """
-- Of this transaction: the tables that it writes, their TOAST and indexes, and the bytes of each.
-- Safe from operators and functions in the search_path of whoever calls it.
CREATE FUNCTION twinbase.written_relations(OUT relation oid, OUT bytes bigint)
RETURNS SETOF record
LANGUAGE sql
STABLE
SET search_path TO pg_catalog
AS $$
    WITH tables AS (
        SELECT c.oid, c.reltoastrelid
        FROM pg_locks AS l
        JOIN pg_class AS c ON c.oid = l.relation
        WHERE l.pid = pg_backend_pid()
          AND l.locktype = 'relation'
          AND l.mode = 'RowExclusiveLock'
          AND c.relkind = 'r'
          AND c.oid >= 16384
    ), heaps AS (
        SELECT oid FROM tables
        UNION
        SELECT reltoastrelid FROM tables WHERE reltoastrelid <> 0
    ), relations AS (
        SELECT oid FROM heaps
        UNION ALL
        SELECT i.indexrelid FROM pg_index AS i JOIN heaps ON heaps.oid = i.indrelid
    )
    SELECT oid, pg_relation_size(oid) FROM relations
$$;
REVOKE ALL ON FUNCTION twinbase.written_relations() FROM PUBLIC
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_quota()
    create_statement_bucket()
    create_database_usage()
    for statement in WRITTEN_RELATIONS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION twinbase.written_relations()")
    for table in ("database_usage", "statement_bucket", "quota"):
        op.drop_table(table, schema="twinbase")


def create_quota() -> None:
    op.create_table(
        "quota",
        *subject(
            sa.ForeignKeyConstraint(
                ["platform_id"], ["twinbase.platform.id"], name="quota_platform_id_fkey"
            ),
            platform_default="1",
        ),
        sa.Column("resource", sa.String(32), nullable=False),
        sa.Column("most", sa.BigInteger, nullable=False),
        *(stamp(name) for name in ("create_at", "update_at")),
        sa.PrimaryKeyConstraint("id", name="quota_pkey"),
        sa.CheckConstraint("most >= 0", name="quota_most_check"),
        sa.CheckConstraint("space_id IS NULL OR uid IS NULL", name="quota_of_one_check"),
        schema="twinbase",
    )
    unique_by_subject("quota", "resource")
    op.execute(
        "CREATE TRIGGER keep_update_at BEFORE UPDATE ON twinbase.quota "
        "FOR EACH ROW EXECUTE FUNCTION twinbase.keep_update_at()"
    )


def create_statement_bucket() -> None:
    op.create_table(
        "statement_bucket",
        *subject(),
        sa.Column("tokens", sa.Double, nullable=False),
        sa.Column("granted", sa.Integer, nullable=False),
        stamp("refilled_at"),
        sa.PrimaryKeyConstraint("id", name="statement_bucket_pkey"),
        schema="twinbase",
        prefixes=["UNLOGGED"],
    )
    unique_by_subject("statement_bucket")


def create_database_usage() -> None:
    op.create_table(
        "database_usage",
        sa.Column("database_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("tables", sa.Integer, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        stamp("measured_at"),
        sa.PrimaryKeyConstraint("database_id", name="database_usage_pkey"),
        sa.ForeignKeyConstraint(
            ["database_id"],
            ["twinbase.database_meta.id"],
            name="database_usage_database_id_fkey",
        ),
        schema="twinbase",
    )
    op.create_index(
        "database_usage_measured_at", "database_usage", ["measured_at"], schema="twinbase"
    )


def subject(
    *constraints: sa.Constraint, platform_default: str | None = None
) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.BigInteger, server_default=sa.text("twinbase.next_id()")),
        sa.Column("platform_id", sa.BigInteger, server_default=platform_default, nullable=False),
        *(sa.Column(name, sa.String(64), nullable=True) for name in ("space_id", "uid")),
        *constraints,
    )


def unique_by_subject(table: str, *beside: str) -> None:
    op.create_index(
        f"{table}_platform_id",
        table,
        ["platform_id", "space_id", "uid", *beside],
        unique=True,
        schema="twinbase",
        postgresql_nulls_not_distinct=True,
    )


def stamp(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
