"""Forms of definition and alteration that exec_ddl does not run, and the managed columns."""

import pytest

from domain.gate import admit_ddl
from exceptions.errors import DdlNotAllowed

DEFINITIONS = {
    "temporary": ("CREATE TEMP TABLE t (a int)", "Temporary and unlogged"),
    "unlogged": ("CREATE UNLOGGED TABLE t (a int)", "Temporary and unlogged"),
    "temporary copy": ("CREATE TEMP TABLE t AS SELECT 1", "Temporary and unlogged"),
    "ON COMMIT": ("CREATE TABLE t (a int) ON COMMIT DROP", "ON COMMIT"),
    "copy ON COMMIT": ("CREATE TABLE t ON COMMIT DROP AS SELECT 1", "ON COMMIT"),
    "INHERITS": ("CREATE TABLE t (a int) INHERITS (u)", "INHERITS .* LIKE"),
    "PARTITION BY": ("CREATE TABLE t (a int) PARTITION BY LIST (a)", "PARTITION BY"),
    "PARTITION OF": ("CREATE TABLE t PARTITION OF u DEFAULT", "not allowed"),
    "OF type": ("CREATE TABLE t OF x", "OF is not allowed"),
    "TABLESPACE": ("CREATE TABLE t (a int) TABLESPACE x", "TABLESPACE"),
    "TABLESPACE of a copy": ("CREATE TABLE t TABLESPACE x AS SELECT 1", "TABLESPACE"),
    "TABLESPACE of an index": ("CREATE INDEX ON t (a) TABLESPACE x", "TABLESPACE"),
    "TABLESPACE of a constraint": (
        "CREATE TABLE t (a int UNIQUE USING INDEX TABLESPACE x)",
        "TABLESPACE",
    ),
    "access method": ("CREATE TABLE t (a int) USING heap", "USING is not allowed"),
    "access method of a copy": ("CREATE TABLE t USING heap AS SELECT 1", "USING is not"),
    "toast option": ("CREATE TABLE t (a int) WITH (toast.fillfactor = 1)", "option fillfactor"),
    "option with a name": (
        "CREATE TABLE t (a int) WITH (fillfactor = other.x)",
        "option fillfactor takes a number",
    ),
    "option of freezing": (
        "CREATE TABLE t (a int) WITH (autovacuum_freeze_max_age = 100000)",
        "option autovacuum_freeze_max_age",
    ),
    "option of catalogs": ("CREATE TABLE t (a int) WITH (user_catalog_table)", "user_catalog_t"),
    "option of a view": ("ALTER TABLE v SET (security_invoker = false)", "security_invoker"),
    "option of a copy": ("CREATE TABLE t WITH (x = 1) AS SELECT 1", "option x"),
    "option of an index, changed": ("ALTER INDEX i SET (autovacuum_enabled = off)", "autovacuum"),
    "option with a wrong word": ("CREATE TABLE t () WITH (autovacuum_enabled = auto)", "takes a n"),
    "option of a column": ("ALTER TABLE t ALTER a SET (x = 1)", "option x"),
    "STORAGE": ("CREATE TABLE t (a text STORAGE other)", "STORAGE other is not allowed"),
    "STORAGE, changed": ("ALTER TABLE t ALTER a SET STORAGE other", "STORAGE other"),
    "COMPRESSION": ("CREATE TABLE t (a text COMPRESSION zstd)", "COMPRESSION zstd is not"),
    "COMPRESSION, changed": ("ALTER TABLE t ALTER a SET COMPRESSION zstd", "COMPRESSION zstd"),
    "column by number": ("ALTER TABLE t ALTER 1 SET STATISTICS 5", "write its name"),
    "view for its owner": (
        "CREATE VIEW v WITH (security_invoker = false) AS TABLE t",
        "on or true",
    ),
    "view for its owner, off": ("CREATE VIEW v WITH (security_invoker = off) AS TABLE t", "on or"),
    "view for its owner, 0": ("CREATE VIEW v WITH (security_invoker = 0) AS TABLE t", "on or true"),
    "view for its owner, f": ("CREATE VIEW v WITH (security_invoker = f) AS TABLE t", "on or true"),
    "view for its owner, 'no'": (
        "CREATE VIEW v WITH (security_invoker = 'no') AS TABLE t",
        "on or",
    ),
    "view with another option": (
        "CREATE VIEW v WITH (check_option = local) AS TABLE t",
        "option ch",
    ),
    "view, temporary": ("CREATE TEMP VIEW v AS SELECT 1", "Temporary and unlogged"),
    "view that writes": (
        "CREATE VIEW v AS WITH x AS (DELETE FROM t RETURNING *) TABLE x",
        "DELETE is not allowed",
    ),
    "view's owner": ("ALTER VIEW v OWNER TO x", "ALTER VIEW is not"),
    "view's options": ("ALTER VIEW v SET (security_invoker = false)", "ALTER VIEW is not"),
    "view's options, reset": ("ALTER VIEW v RESET (security_invoker)", "ALTER VIEW is not"),
    "materialized view, changed": (
        "ALTER MATERIALIZED VIEW v SET (fillfactor = 5)",
        "MATERIALIZED",
    ),
    "materialized view, dropped": ("DROP MATERIALIZED VIEW v", "DROP MATERIALIZED VIEW is not"),
    "sequence, temporary": ("CREATE TEMP SEQUENCE s", "Temporary and unlogged"),
    "sequence, unlogged": ("CREATE UNLOGGED SEQUENCE s", "Temporary and unlogged"),
    "sequence's name": ("CREATE SEQUENCE s SEQUENCE NAME other.x", "option sequence_name"),
    "sequence's owner": ("ALTER SEQUENCE s OWNER TO x", "ALTER SEQUENCE is not"),
    "sequence's log": ("ALTER SEQUENCE s SET UNLOGGED", "ALTER SEQUENCE is not"),
    "sequence of a table": ("CREATE SEQUENCE s OWNED BY t", r"OWNED BY takes a table\.column"),
    "sequence of a modified type": (
        "CREATE SEQUENCE s AS pg_catalog.int4(version())",
        "function version is not",
    ),
    "option with a modifier": (
        "CREATE INDEX ON t USING gist (a) WITH (buffering = auto(version()))",
        "option buffering takes",
    ),
    "sequence of text": ("CREATE SEQUENCE s AS text", "counts AS smallint"),
    "sequence of an own type": ("CREATE SEQUENCE s AS d", "counts AS smallint"),
    "sequence of another schema's type": ("CREATE SEQUENCE s AS other.int8", "counts AS smallint"),
    "type's attribute": ("ALTER TYPE t RENAME ATTRIBUTE a TO b", "Renaming a ATTRIBUTE"),
    "type's new attribute": ("ALTER TYPE t ADD ATTRIBUTE a int", "ALTER TYPE is not"),
    "type's owner": ("ALTER TYPE mood OWNER TO x", "ALTER TYPE … OWNER TO"),
    "domain's schema": ("ALTER DOMAIN d SET SCHEMA x", "ALTER DOMAIN … SET SCHEMA"),
    "constraint that is inherited": ("ALTER TABLE t ALTER CONSTRAINT c INHERIT", "INHERIT is not"),
    "constraint that is not": ("ALTER TABLE t ALTER CONSTRAINT c NO INHERIT", "INHERIT is not"),
    "statistics of a kind": ("CREATE STATISTICS st (other) ON a, b FROM t", "statistics other"),
    "statistics' owner": ("ALTER STATISTICS st OWNER TO x", "ALTER STATISTICS … OWNER TO"),
    "index's tablespace": ("ALTER INDEX i SET TABLESPACE x", "ALTER INDEX … SET TABLESPACE"),
    "index's partition": ("ALTER INDEX i ATTACH PARTITION j", "ALTER INDEX … ATTACH PARTITION"),
    "option of a constraint": ("CREATE TABLE t (a int UNIQUE WITH (x = 1))", "option x"),
    "option of an index": ("CREATE INDEX ON t (a) WITH (x = 1)", "option x"),
    "option of an operator class": ("CREATE INDEX ON t (a x (siglen = 1))", "operator class"),
    "sequence of an identity": (
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME other.x))",
        "option sequence_name",
    ),
    "owner of an identity": (
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (OWNED BY other.x.y))",
        "option owned_by",
    ),
    "OPTIONS": ("CREATE TABLE t (a text OPTIONS (x 'y'))", "OPTIONS"),
    "virtual": ("CREATE TABLE t (a int GENERATED ALWAYS AS (1) VIRTUAL)", "STORED only"),
    "virtual by default": ("CREATE TABLE t (a int GENERATED ALWAYS AS (1))", "STORED only"),
    "foreign table": ("CREATE FOREIGN TABLE t (a int) SERVER x", "CREATE FOREIGN TABLE"),
    "AS EXECUTE": ("CREATE TABLE t AS EXECUTE a", "takes a SELECT"),
    "AS WITH that writes": (
        "CREATE TABLE t AS WITH x AS (DELETE FROM u RETURNING *) TABLE x",
        "DELETE is not allowed",
    ),
    "materialized view": ("CREATE MATERIALIZED VIEW v AS SELECT 1", "no row security on them"),
    "INTO in a sub-query": ("CREATE TABLE t AS (SELECT 1 INTO x)", "SELECT INTO"),
    "index CONCURRENTLY": ("CREATE INDEX CONCURRENTLY ON t (a)", "CONCURRENTLY"),
    "DROP CONCURRENTLY": ("DROP INDEX CONCURRENTLY i", "CONCURRENTLY"),
    "DROP SCHEMA": ("DROP SCHEMA s CASCADE", "DROP SCHEMA"),
    "DROP POLICY": ("DROP POLICY p ON t", "DROP POLICY"),
    "DROP TRIGGER": ("DROP TRIGGER x ON t", "DROP TRIGGER"),
    "DROP FUNCTION": ("DROP FUNCTION f", "DROP FUNCTION"),
    "COMMENT ON SCHEMA": ("COMMENT ON SCHEMA s IS 'x'", "COMMENT ON SCHEMA"),
    "COMMENT ON FUNCTION": ("COMMENT ON FUNCTION f() IS 'x'", "COMMENT ON FUNCTION"),
    "COMMENT ON ROLE": ("COMMENT ON ROLE x IS 'x'", "COMMENT ON ROLE"),
    "RENAME a schema": ("ALTER SCHEMA s RENAME TO x", "Renaming a SCHEMA"),
    "RENAME a trigger": ("ALTER TRIGGER x ON t RENAME TO y", "Renaming a TRIGGER"),
    "RENAME a role": ("ALTER ROLE x RENAME TO y", "Renaming a ROLE"),
    "ALTER VIEW": ("ALTER VIEW v ALTER a SET DEFAULT 1", "ALTER VIEW is not"),
}

ALTERATIONS = {
    "OWNER TO x": "OWNER TO",
    "ENABLE ROW LEVEL SECURITY": "ENABLE ROW SECURITY",
    "DISABLE ROW LEVEL SECURITY": "DISABLE ROW SECURITY",
    "NO FORCE ROW LEVEL SECURITY": "NO FORCE ROW SECURITY",
    "DISABLE TRIGGER ALL": "DISABLE TRIGGER ALL",
    "DISABLE RULE x": "DISABLE RULE",
    "INHERIT u": "INHERIT",
    "NO INHERIT u": "NO INHERIT",
    "ATTACH PARTITION u DEFAULT": "ATTACH PARTITION",
    "DETACH PARTITION u": "DETACH PARTITION",
    "OF x": "OF",
    "SET LOGGED": "SET LOGGED",
    "SET UNLOGGED": "SET UNLOGGED",
    "SET TABLESPACE x": "SET TABLESPACE",
    "SET ACCESS METHOD x": "SET ACCESS METHOD",
    "REPLICA IDENTITY FULL": "REPLICA IDENTITY",
    "ADD a int, OWNER TO x": "OWNER TO",
}

MANAGED = {
    "RENAME as a view's": "ALTER VIEW t RENAME COLUMN id TO key",
    "RENAME as a view's to": 'ALTER VIEW t RENAME a TO "uid"',
    "DROP": "ALTER TABLE t DROP COLUMN id",
    "DROP in quotes": 'ALTER TABLE t DROP COLUMN IF EXISTS "uid" CASCADE',
    "DROP in capitals": "ALTER TABLE t DROP UID",
    "DROP by unicode": 'ALTER TABLE t DROP U&"\\0069d"',
    "DROP last of several": "ALTER TABLE t ADD a int, DROP b, DROP id",
    "TYPE": "ALTER TABLE t ALTER COLUMN id TYPE text USING id::text",
    "SET DEFAULT": "ALTER TABLE t ALTER uid SET DEFAULT 'someone'",
    "DROP DEFAULT": "ALTER TABLE t ALTER id DROP DEFAULT",
    "DROP NOT NULL": "ALTER TABLE t ALTER uid DROP NOT NULL",
    "ADD IDENTITY": "ALTER TABLE t ALTER id ADD GENERATED ALWAYS AS IDENTITY",
    "SET IDENTITY": "ALTER TABLE t ALTER id RESTART WITH 1",
    "DROP IDENTITY": "ALTER TABLE t ALTER id DROP IDENTITY IF EXISTS",
    "SET EXPRESSION": "ALTER TABLE t ALTER id SET EXPRESSION AS (1)",
    "DROP EXPRESSION": "ALTER TABLE t ALTER id DROP EXPRESSION",
    "ADD": "ALTER TABLE t ADD COLUMN id bigint",
    "ADD generated": "ALTER TABLE t ADD IF NOT EXISTS uid text GENERATED ALWAYS AS ('x') STORED",
    "RENAME": "ALTER TABLE t RENAME COLUMN id TO key",
    "RENAME to": "ALTER TABLE t RENAME a TO uid",
    "CREATE generated": "CREATE TABLE t (id int GENERATED ALWAYS AS (1) STORED)",
}


@pytest.mark.parametrize(("sql", "fragment"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_a_form_of_definition_is_refused(sql: str, fragment: str) -> None:
    with pytest.raises(DdlNotAllowed, match=fragment):
        admit_ddl(sql)


@pytest.mark.parametrize(("form", "words"), ALTERATIONS.items(), ids=ALTERATIONS)
def test_a_form_of_alteration_is_refused(form: str, words: str) -> None:
    with pytest.raises(DdlNotAllowed, match=f"ALTER TABLE … {words}.* is not allowed: exec_ddl"):
        admit_ddl(f"ALTER TABLE t {form}")


@pytest.mark.parametrize("sql", MANAGED.values(), ids=MANAGED)
def test_managed_columns_are_left_alone(sql: str) -> None:
    with pytest.raises(DdlNotAllowed, match=r"column (id|uid) is managed by the service"):
        admit_ddl(sql)


@pytest.mark.parametrize(
    "sql",
    ['ALTER TABLE t DROP "ID"', 'ALTER TABLE t RENAME "Uid" TO "Id"', "ALTER TABLE id DROP a"],
)
def test_names_that_only_resemble_them_are_not_managed(sql: str) -> None:
    assert admit_ddl(sql)
