"""Schema twinbase: ids, stamps, database_meta, schema_meta, and the trigger of tenants' rows.

Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# 41 bits of milliseconds since 2025 and 12 of a sequence: above 2^31 since its first hour,
# below 2^53 until 2094. Four thousand ids in one millisecond would be needed to repeat one.
NEXT_ID = """
CREATE FUNCTION twinbase.next_id() RETURNS bigint
LANGUAGE sql VOLATILE
AS $$
    SELECT ((pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::bigint
            - 1735689600000) * 4096
           + pg_catalog.nextval('twinbase.id_low_bits')
$$
"""

KEEP_UPDATE_AT = """
CREATE FUNCTION twinbase.keep_update_at() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.create_at := OLD.create_at;
    NEW.update_at := pg_catalog.now();
    RETURN NEW;
END
$$
"""

# Fired for every row of every tenant table (trigger twinbase_stamp). SECURITY DEFINER, because
# twinbase_dml may not use the sequence by itself; every name in it is qualified, so the tenant's
# search_path decides nothing. Arguments say which of the time columns the table has.
STAMP_ROW = """
CREATE FUNCTION twinbase.stamp_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.id := ((pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::bigint
                   - 1735689600000) * 4096
                  + pg_catalog.nextval('twinbase.id_low_bits');
        NEW.uid := pg_catalog.current_setting('twinbase.app_uid');
        IF TG_ARGV[0] = 'create_time' THEN
            NEW.create_time := pg_catalog.now();
        END IF;
    ELSE
        NEW.id := OLD.id;
        NEW.uid := OLD.uid;
        IF TG_ARGV[0] = 'create_time' THEN
            NEW.create_time := OLD.create_time;
        END IF;
    END IF;
    IF TG_ARGV[1] = 'update_time' THEN
        NEW.update_time := pg_catalog.now();
    END IF;
    RETURN NEW;
END
$$
"""


def stamps() -> list[sa.Column[object]]:
    return [
        sa.Column(
            "create_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "update_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("create_by", sa.String(64), nullable=False),
        sa.Column("update_by", sa.String(64), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
    ]


def enum(name: str, *labels: str) -> postgresql.ENUM:
    return postgresql.ENUM(*labels, name=name, schema="twinbase")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE twinbase.id_low_bits AS integer MINVALUE 0 MAXVALUE 4095 CYCLE")
    op.execute(NEXT_ID)
    op.execute(KEEP_UPDATE_AT)
    op.execute(STAMP_ROW)
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA twinbase FROM PUBLIC")
    create_database_meta()
    create_schema_meta()
    for table in ("database_meta", "schema_meta"):
        op.execute(
            f"CREATE TRIGGER keep_update_at BEFORE UPDATE ON twinbase.{table} "
            "FOR EACH ROW EXECUTE FUNCTION twinbase.keep_update_at()"
        )


def create_database_meta() -> None:
    op.create_table(
        "database_meta",
        sa.Column("id", sa.BigInteger, server_default=sa.text("twinbase.next_id()")),
        sa.Column("uid", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("description", sa.String(200), server_default="", nullable=False),
        sa.Column("space_id", sa.String(64), nullable=True),
        sa.Column(
            "status",
            enum("database_status", "ready", "dropped"),
            server_default="ready",
            nullable=False,
        ),
        sa.Column(
            "row_access",
            enum("row_access", "own", "space", "read_only"),
            server_default="own",
            nullable=False,
        ),
        *stamps(),
        sa.PrimaryKeyConstraint("id", name="database_meta_pkey"),
        schema="twinbase",
    )
    present = sa.text("deleted_at IS NULL")
    op.create_index(
        "database_meta_uid_name_space_id",
        "database_meta",
        ["uid", "name", "space_id"],
        unique=True,
        schema="twinbase",
        postgresql_nulls_not_distinct=True,
        postgresql_where=present,
    )
    for name, columns in {
        "database_meta_uid": ["uid", "id"],
        "database_meta_space_id": ["space_id", "id"],
        "database_meta_name": ["name"],
    }.items():
        op.create_index(name, "database_meta", columns, schema="twinbase", postgresql_where=present)


def create_schema_meta() -> None:
    op.create_table(
        "schema_meta",
        sa.Column("id", sa.BigInteger, server_default=sa.text("twinbase.next_id()")),
        sa.Column("database_id", sa.BigInteger, nullable=False),
        sa.Column("environment", enum("environment", "prod", "test"), nullable=False),
        sa.Column("schema_name", sa.String(63), nullable=False),
        *stamps(),
        sa.PrimaryKeyConstraint("id", name="schema_meta_pkey"),
        sa.UniqueConstraint("schema_name", name="schema_meta_schema_name_key"),
        sa.ForeignKeyConstraint(
            ["database_id"], ["twinbase.database_meta.id"], name="schema_meta_database_id_fkey"
        ),
        schema="twinbase",
    )
    op.create_index(
        "schema_meta_database_id",
        "schema_meta",
        ["database_id", "environment"],
        unique=True,
        schema="twinbase",
    )


def downgrade() -> None:
    """Refuses while tenants' tables still use the trigger: their rows would lose their owners."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("schema_meta", schema="twinbase")
    op.drop_table("database_meta", schema="twinbase")
    for type_name in ("environment", "row_access", "database_status"):
        op.execute(f"DROP TYPE twinbase.{type_name}")
    for function in ("stamp_row", "keep_update_at", "next_id"):
        op.execute(f"DROP FUNCTION twinbase.{function}()")
    op.execute("DROP SEQUENCE twinbase.id_low_bits")
