"""Figures of requests and operations: by the minute for some days, by the hour for long.

Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_request_statistics()
    create_operation_statistics()
    op.create_table(
        "statistics_writer",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("batch", sa.BigInteger, nullable=False),
        sa.Column(
            "update_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="statistics_writer_pkey"),
        schema="twinbase",
    )
    op.create_table(
        "statistics_kept",
        sa.Column("span", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("span", name="statistics_kept_pkey"),
        schema="twinbase",
    )
    op.create_index("operation_finished_at", "operation", ["finished_at"], schema="twinbase")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("operation_finished_at", "operation", schema="twinbase")
    for table in (
        "statistics_kept",
        "statistics_writer",
        "operation_statistics",
        "request_statistics",
    ):
        op.drop_table(table, schema="twinbase")


def create_request_statistics() -> None:
    op.create_table(
        "request_statistics",
        sa.Column("span", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("platform_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("verb", sa.String(64), nullable=False),
        sa.Column("code", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("rows_in", "rows_out", "bytes_in", "bytes_out")
        ),
        sa.Column("buckets", postgresql.ARRAY(sa.SmallInteger), nullable=False),
        sa.Column("numbers", postgresql.ARRAY(sa.Integer), nullable=False),
        sa.PrimaryKeyConstraint(
            "span", "moment", "platform_id", "verb", "code", name="request_statistics_pkey"
        ),
        schema="twinbase",
    )
    # The rows of this minute and this hour change every two seconds. In the room of a page that is
    # left free they do so without a change of the index.
    op.execute("ALTER TABLE twinbase.request_statistics SET (fillfactor = 70)")


def create_operation_statistics() -> None:
    kind, status = (
        postgresql.ENUM(name=name, schema="twinbase", create_type=False)
        for name in ("operation_kind", "operation_status")
    )
    op.create_table(
        "operation_statistics",
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("platform_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint(
            "moment", "platform_id", "kind", "status", name="operation_statistics_pkey"
        ),
        schema="twinbase",
    )
