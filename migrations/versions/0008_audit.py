"""Audit: a row for every change, which nobody changes or removes afterwards.

Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Rows are removed by forget_audit alone, which says in the transaction's setting how many days are
# kept, and is never believed about the last one.
KEEP_AUDIT = """
CREATE FUNCTION twinbase.keep_audit() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    days integer := nullif(pg_catalog.current_setting('twinbase.audit_days', true), '');
BEGIN
    IF TG_OP = 'DELETE' AND days IS NOT NULL THEN
        IF OLD.at < pg_catalog.now() - pg_catalog.make_interval(days => greatest(1, days)) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'TW001',
        MESSAGE = 'rows of twinbase.audit are neither changed nor removed';
END
$$
"""

FORGET_AUDIT = """
CREATE FUNCTION twinbase.forget_audit(days integer, most integer) RETURNS integer
LANGUAGE plpgsql
AS $$
DECLARE
    forgotten integer;
BEGIN
    PERFORM pg_catalog.set_config('twinbase.audit_days', days::text, true);
    WITH old AS (
        SELECT id FROM twinbase.audit
        WHERE at < pg_catalog.now() - pg_catalog.make_interval(days => greatest(1, days))
        ORDER BY at
        LIMIT most
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM twinbase.audit AS a USING old WHERE a.id = old.id;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM pg_catalog.set_config('twinbase.audit_days', '', true);
    RETURN forgotten;
END
$$
"""

INDEXES = {
    "audit_at": ["at"],
    "audit_platform_name": ["platform_name", "id"],
    "audit_sid": ["sid"],
}
PARTIAL_INDEXES = {
    "uid": ["uid", "id"],
    "database_id": ["database_id"],
    "new_database_id": ["new_database_id"],
    "operation_id": ["operation_id"],
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_audit()
    for name, columns in INDEXES.items():
        op.create_index(name, "audit", columns, schema="twinbase")
    for column, columns in PARTIAL_INDEXES.items():
        op.create_index(
            f"audit_{column}",
            "audit",
            columns,
            schema="twinbase",
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.execute(KEEP_AUDIT)
    op.execute(FORGET_AUDIT)
    for function in ("keep_audit()", "forget_audit(integer, integer)"):
        op.execute(f"REVOKE ALL ON FUNCTION twinbase.{function} FROM PUBLIC")
    # ALWAYS: also where a session calls itself a replica.
    for trigger, when in {
        "keep_audit": "BEFORE UPDATE OR DELETE ON twinbase.audit FOR EACH ROW",
        "keep_all_audit": "BEFORE TRUNCATE ON twinbase.audit FOR EACH STATEMENT",
    }.items():
        op.execute(f"CREATE TRIGGER {trigger} {when} EXECUTE FUNCTION twinbase.keep_audit()")
        op.execute(f"ALTER TABLE twinbase.audit ENABLE ALWAYS TRIGGER {trigger}")


def downgrade() -> None:
    """What was written goes with the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("audit", schema="twinbase")
    op.execute("DROP FUNCTION twinbase.forget_audit(integer, integer)")
    op.execute("DROP FUNCTION twinbase.keep_audit()")


def create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger, server_default=sa.text("twinbase.next_id()")),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("platform_id", sa.BigInteger, nullable=False),
        sa.Column("platform_name", sa.String(64), nullable=False),
        sa.Column("key_prefix", sa.String(16), nullable=True),
        sa.Column("uid", sa.String(64), nullable=True),
        sa.Column("app_id", sa.String(64), nullable=True),
        sa.Column("sid", sa.String(64), nullable=False),
        sa.Column("verb", sa.String(64), nullable=False),
        sa.Column("database_id", sa.BigInteger, nullable=True),
        sa.Column("new_database_id", sa.BigInteger, nullable=True),
        sa.Column("target", sa.String(1000), nullable=True),
        sa.Column("operation_id", sa.BigInteger, nullable=True),
        sa.Column("code", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer, server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_pkey"),
        schema="twinbase",
    )
