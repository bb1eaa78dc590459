"""Operations, the queue that they wait in, and databases that are being cloned into.

Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.domain.settings import DBSettings
from sqlalchemy.dialects import postgresql
from sqlalchemy.util import await_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

QUEUE_SCHEMA = "twinbase_queue"


def enum(name: str, *labels: str) -> postgresql.ENUM:
    return postgresql.ENUM(*labels, name=name, schema="twinbase")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TYPE twinbase.database_status ADD VALUE 'cloning' AFTER 'ready'")
    create_operation()
    create_operation_attempt()
    create_queue()


def create_operation() -> None:
    op.create_table(
        "operation",
        sa.Column("id", sa.BigInteger, server_default=sa.text("twinbase.next_id()")),
        sa.Column(
            "kind", enum("operation_kind", "clone_database", "drop_database"), nullable=False
        ),
        sa.Column(
            "status",
            enum("operation_status", "pending", "running", "succeeded", "failed", "cancelled"),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("database_id", sa.BigInteger, nullable=False),
        sa.Column("request", postgresql.JSONB, nullable=False),
        sa.Column("uid", sa.String(64), nullable=False),
        sa.Column("space_id", sa.String(64), nullable=True),
        sa.Column("sid", sa.String(64), nullable=False),
        sa.Column("attempt", sa.Integer, server_default="0", nullable=False),
        sa.Column("interruptions", sa.Integer, server_default="0", nullable=False),
        sa.Column("cancel_requested", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("progress", postgresql.JSONB, server_default="{}", nullable=False),
        sa.Column("result", postgresql.JSONB, nullable=True),
        sa.Column("error", postgresql.JSONB, nullable=True),
        *(
            sa.Column(
                stamp,
                sa.DateTime(timezone=True),
                server_default=sa.text("now()"),
                nullable=False,
            )
            for stamp in ("create_at", "update_at")
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="operation_pkey"),
        sa.ForeignKeyConstraint(
            ["database_id"], ["twinbase.database_meta.id"], name="operation_database_id_fkey"
        ),
        schema="twinbase",
    )
    for name, columns in {
        "operation_uid": ["uid", "id"],
        "operation_space_id": ["space_id", "id"],
        "operation_database_id": ["database_id"],
    }.items():
        op.create_index(name, "operation", columns, schema="twinbase")
    op.create_index(
        "operation_unfinished",
        "operation",
        ["id"],
        schema="twinbase",
        postgresql_where=sa.text("status IN ('pending', 'running')"),
    )
    op.execute(
        "CREATE TRIGGER keep_update_at BEFORE UPDATE ON twinbase.operation "
        "FOR EACH ROW EXECUTE FUNCTION twinbase.keep_update_at()"
    )


def create_operation_attempt() -> None:
    op.create_table(
        "operation_attempt",
        sa.Column("operation_id", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("operation_id", "attempt", name="operation_attempt_pkey"),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["twinbase.operation.id"],
            name="operation_attempt_operation_id_fkey",
        ),
        schema="twinbase",
    )


def create_queue() -> None:
    """As the library itself says; tests tell when a release of it would say something else."""
    install = QueryBuilderEnvironment(DBSettings(db_schema=QUEUE_SCHEMA)).build_install_query()
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("no connection to migrate")
    await_only(driver.execute(install))  # many statements at once, which SQLAlchemy cannot send


def downgrade() -> None:
    """Fails, and changes nothing, while a database is being cloned into."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"DROP SCHEMA {QUEUE_SCHEMA} CASCADE")
    op.drop_table("operation_attempt", schema="twinbase")
    op.drop_table("operation", schema="twinbase")
    for type_name in ("operation_kind", "operation_status"):
        op.execute(f"DROP TYPE twinbase.{type_name}")
    # PostgreSQL takes no label from an enumeration, so it is made anew.
    op.execute("ALTER TYPE twinbase.database_status RENAME TO database_status_with_cloning")
    op.execute("CREATE TYPE twinbase.database_status AS ENUM ('ready', 'dropped')")
    op.execute("ALTER TABLE twinbase.database_meta ALTER COLUMN status DROP DEFAULT")
    op.execute(
        "ALTER TABLE twinbase.database_meta ALTER COLUMN status TYPE twinbase.database_status "
        "USING status::text::twinbase.database_status"
    )
    op.execute("ALTER TABLE twinbase.database_meta ALTER COLUMN status SET DEFAULT 'ready'")
    op.execute("DROP TYPE twinbase.database_status_with_cloning")
