"""Platforms and their keys; which platform a database, an operation and an idempotency key is of.

Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCOPES = ("databases:read", "databases:write", "ddl", "dml:read", "dml:write", "data", "admin")
DEFAULT_PLATFORM_ID = "1"

# Where the platform now says whose a uid or a space is: index, table, columns.
BY_OWNER = (
    ("database_meta_uid", "database_meta", ["uid", "id"]),
    ("database_meta_space_id", "database_meta", ["space_id", "id"]),
    ("operation_uid", "operation", ["uid", "id"]),
    ("operation_space_id", "operation", ["space_id", "id"]),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_platform()
    create_api_key()
    for table in ("database_meta", "operation", "idempotency_key"):
        # Existing rows are of the default platform, and those of instances that do not know better.
        op.add_column(
            table,
            sa.Column(
                "platform_id",
                sa.BigInteger,
                sa.ForeignKey("twinbase.platform.id", name=f"{table}_platform_id_fkey"),
                server_default=DEFAULT_PLATFORM_ID,
                nullable=False,
            ),
            schema="twinbase",
        )
    op.add_column(
        "database_meta",
        sa.Column(
            "shared_with", postgresql.ARRAY(sa.BigInteger), server_default="{}", nullable=False
        ),
        schema="twinbase",
    )
    owned_by("platform_id")


def downgrade() -> None:
    """Fails where a name, or a key, is used by two platforms: neither is to lose it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    owned_by()
    op.drop_column("database_meta", "shared_with", schema="twinbase")
    for table in ("idempotency_key", "operation", "database_meta"):
        op.drop_column(table, "platform_id", schema="twinbase")
    op.drop_table("api_key", schema="twinbase")
    op.drop_table("platform", schema="twinbase")


def create_platform() -> None:
    op.create_table(
        "platform",
        sa.Column("id", sa.BigInteger, server_default=sa.text("twinbase.next_id()")),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("app_ids", postgresql.ARRAY(sa.String(64)), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.String(32)), nullable=False),
        sa.Column("is_active", sa.Boolean, server_default=sa.text("true"), nullable=False),
        *stamps(),
        sa.PrimaryKeyConstraint("id", name="platform_pkey"),
        sa.UniqueConstraint("name", name="platform_name_key"),
        schema="twinbase",
    )
    keep_update_at("platform")
    platform = sa.table(
        "platform", *(sa.column(name) for name in ("id", "name", "scopes")), schema="twinbase"
    )
    row = {"id": int(DEFAULT_PLATFORM_ID), "name": "default", "scopes": list(SCOPES)}
    op.bulk_insert(platform, [row])


def create_api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger, server_default=sa.text("twinbase.next_id()")),
        sa.Column("platform_id", sa.BigInteger, nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String(32)), nullable=True),
        *(
            sa.Column(moment, sa.DateTime(timezone=True), nullable=True)
            for moment in ("expires_at", "last_used_at", "revoked_at")
        ),
        sa.Column(
            "create_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="api_key_pkey"),
        sa.UniqueConstraint("prefix", name="api_key_prefix_key"),
        sa.UniqueConstraint("hash", name="api_key_hash_key"),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["twinbase.platform.id"], name="api_key_platform_id_fkey"
        ),
        schema="twinbase",
    )
    op.create_index("api_key_platform_id", "api_key", ["platform_id", "id"], schema="twinbase")


def owned_by(*platform: str) -> None:
    present = sa.text("deleted_at IS NULL")
    for name, table, columns in BY_OWNER:
        op.drop_index(name, table, schema="twinbase")
        op.create_index(
            name,
            table,
            [*platform, *columns],
            schema="twinbase",
            postgresql_where=present if table == "database_meta" else None,
        )
    op.drop_index("database_meta_uid_name_space_id", "database_meta", schema="twinbase")
    op.create_index(
        "database_meta_uid_name_space_id",
        "database_meta",
        [*platform, "uid", "name", "space_id"],
        unique=True,
        schema="twinbase",
        postgresql_nulls_not_distinct=True,
        postgresql_where=present,
    )
    op.drop_constraint("idempotency_key_pkey", "idempotency_key", schema="twinbase")
    op.create_primary_key(
        "idempotency_key_pkey", "idempotency_key", [*platform, "uid", "key"], schema="twinbase"
    )


def keep_update_at(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER keep_update_at BEFORE UPDATE ON twinbase.{table} "
        "FOR EACH ROW EXECUTE FUNCTION twinbase.keep_update_at()"
    )


def stamps() -> tuple[sa.Column[object], ...]:
    return tuple(
        sa.Column(
            stamp, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        )
        for stamp in ("create_at", "update_at")
    )
