"""Finding what is shared with a platform.

Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "database_meta_shared_with",
        "database_meta",
        ["shared_with"],
        schema="twinbase",
        postgresql_using="gin",
        postgresql_where="deleted_at IS NULL AND shared_with <> '{}'",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("database_meta_shared_with", "database_meta", schema="twinbase")
