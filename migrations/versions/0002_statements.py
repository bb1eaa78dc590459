"""Row access by role, sequences that tenants may draw from, the history of DDL.

Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# PostgreSQL's own are taken from tenants: one role for all of them could draw from everybody's
# sequences. These draw from the sequences of the schema that the request addresses.
SEQUENCE_FUNCTIONS = (
    """
    CREATE SCHEMA twinbase_functions
    """,
    """
    CREATE FUNCTION twinbase_functions.own(sequence regclass) RETURNS regclass
    LANGUAGE plpgsql STABLE
    AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.oid = sequence
              AND n.nspname = pg_catalog.current_setting('twinbase.schema', true)
        ) THEN
            RAISE EXCEPTION USING
                ERRCODE = 'insufficient_privilege',
                MESSAGE = 'the sequence is not of the schema that the request addresses';
        END IF;
        RETURN sequence;
    END
    $$
    """,
    """
    CREATE FUNCTION twinbase_functions.nextval(sequence regclass) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
    AS $$ BEGIN RETURN pg_catalog.nextval(twinbase_functions.own(sequence)); END $$
    """,
    """
    CREATE FUNCTION twinbase_functions.currval(sequence regclass) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
    AS $$ BEGIN RETURN pg_catalog.currval(twinbase_functions.own(sequence)); END $$
    """,
    """
    CREATE FUNCTION twinbase_functions.setval(
        sequence regclass, value bigint, is_called boolean DEFAULT true
    ) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
    AS $$
    BEGIN
        RETURN pg_catalog.setval(twinbase_functions.own(sequence), value, is_called);
    END
    $$
    """,
    """
    REVOKE ALL ON ALL FUNCTIONS IN SCHEMA twinbase_functions FROM PUBLIC
    """,
    """
    GRANT USAGE ON SCHEMA twinbase_functions TO twinbase_ddl, twinbase_dml, twinbase_space
    """,
    """
    GRANT EXECUTE ON FUNCTION twinbase_functions.nextval(regclass),
        twinbase_functions.currval(regclass), twinbase_functions.setval(regclass, bigint, boolean)
        TO twinbase_ddl, twinbase_dml, twinbase_space
    """,
)

# What settling does for a new table, for those that are there already.
ADMIT_ROLES = """
DO $$
DECLARE
    tenant record;
BEGIN
    FOR tenant IN
        SELECT n.nspname AS schema FROM twinbase.schema_meta AS s
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schema_name
        WHERE s.deleted_at IS NULL
    LOOP
        EXECUTE format(
            'GRANT USAGE ON SCHEMA %I TO twinbase_space, twinbase_reader', tenant.schema
        );
    END LOOP;
    FOR tenant IN
        SELECT n.nspname AS schema, c.relname AS "table" FROM twinbase.schema_meta AS s
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schema_name
        JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relkind = 'r'
        WHERE s.deleted_at IS NULL
    LOOP
        EXECUTE format(
            'CREATE POLICY twinbase_all_rows ON %1$I.%2$I TO twinbase_space, twinbase_reader'
            ' USING (current_setting(''twinbase.schema'', true) = %1$L)'
            ' WITH CHECK (current_setting(''twinbase.schema'', true) = %1$L);'
            'GRANT SELECT, INSERT, UPDATE, DELETE ON %1$I.%2$I TO twinbase_space;'
            'GRANT SELECT ON %1$I.%2$I TO twinbase_reader',
            tenant.schema, tenant."table"
        );
    END LOOP;
END
$$
"""

DISMISS_ROLES = """
DO $$
DECLARE
    tenant record;
BEGIN
    FOR tenant IN
        SELECT n.nspname AS schema, c.relname AS "table" FROM twinbase.schema_meta AS s
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schema_name
        JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relkind = 'r'
        WHERE s.deleted_at IS NULL
    LOOP
        EXECUTE format(
            'DROP POLICY twinbase_all_rows ON %1$I.%2$I;'
            'REVOKE ALL ON %1$I.%2$I FROM twinbase_space, twinbase_reader',
            tenant.schema, tenant."table"
        );
    END LOOP;
    FOR tenant IN
        SELECT n.nspname AS schema FROM twinbase.schema_meta AS s
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schema_name
        WHERE s.deleted_at IS NULL
    LOOP
        EXECUTE format(
            'REVOKE ALL ON SCHEMA %I FROM twinbase_space, twinbase_reader', tenant.schema
        );
    END LOOP;
END
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in SEQUENCE_FUNCTIONS:
        op.execute(statement)
    op.execute(ADMIT_ROLES)
    op.create_table(
        "ddl_history",
        sa.Column("id", sa.BigInteger, server_default=sa.text("twinbase.next_id()")),
        sa.Column("database_id", sa.BigInteger, nullable=False),
        sa.Column(
            "environments",
            postgresql.ARRAY(
                postgresql.ENUM(name="environment", schema="twinbase", create_type=False)
            ),
            nullable=False,
        ),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("uid", sa.String(64), nullable=False),
        sa.Column("space_id", sa.String(64), nullable=True),
        sa.Column("sid", sa.String(64), nullable=False),
        sa.Column(
            "create_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="ddl_history_pkey"),
        sa.ForeignKeyConstraint(
            ["database_id"], ["twinbase.database_meta.id"], name="ddl_history_database_id_fkey"
        ),
        schema="twinbase",
    )
    op.create_index(
        "ddl_history_database_id", "ddl_history", ["database_id", "id"], schema="twinbase"
    )


def downgrade() -> None:
    """Fails, and changes nothing, while a tenant's default draws from a sequence."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("ddl_history", schema="twinbase")
    op.execute(DISMISS_ROLES)
    for function in ("nextval(regclass)", "currval(regclass)", "setval(regclass, bigint, boolean)"):
        op.execute(f"DROP FUNCTION twinbase_functions.{function}")
    op.execute("DROP FUNCTION twinbase_functions.own(regclass)")
    op.execute("DROP SCHEMA twinbase_functions")
