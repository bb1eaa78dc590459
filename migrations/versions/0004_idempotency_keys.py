"""Idempotency keys: requests that are done once, with the answers that they are given again.

Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "idempotency_key",
        sa.Column("uid", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("code", sa.Integer, nullable=True),
        sa.Column("http_status", sa.SmallInteger, nullable=True),
        sa.Column("message", sa.Text, nullable=True),
        sa.Column("data", sa.LargeBinary, nullable=True),
        sa.Column(
            "create_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("uid", "key", name="idempotency_key_pkey"),
        schema="twinbase",
    )
    op.create_index(
        "idempotency_key_expires_at", "idempotency_key", ["expires_at"], schema="twinbase"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("idempotency_key", schema="twinbase")
