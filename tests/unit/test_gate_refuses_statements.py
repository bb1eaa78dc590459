"""Statements and forms of statements that neither verb runs, or the other one does."""

import pytest

from domain.gate import admit_ddl, admit_dml
from exceptions.errors import DdlNotAllowed, DmlNotAllowed

# What neither verb runs, and what it is called.
NOWHERE = {
    "SELECT INTO": ("SELECT 1 INTO x", None),
    "GRANT": ("GRANT ALL ON t TO public", "GRANT"),
    "REVOKE": ("REVOKE ALL ON t FROM public", "REVOKE"),
    "SET": ("SET search_path = other", "SET"),
    "SET LOCAL": ("SET LOCAL ROLE postgres", "SET"),
    "RESET": ("RESET ALL", "SET"),
    "SHOW": ("SHOW ALL", "SHOW"),
    "BEGIN": ("BEGIN", "BEGIN"),
    "COMMIT": ("COMMIT", "COMMIT"),
    "ROLLBACK": ("ROLLBACK", "ROLLBACK"),
    "SAVEPOINT": ("SAVEPOINT a", "SAVEPOINT"),
    "COPY to a program": ("COPY t TO PROGRAM 'sh'", "COPY"),
    "COPY from a file": ("COPY t FROM '/etc/passwd'", "COPY"),
    "DO": ("DO $$ BEGIN END $$", "DO"),
    "CALL": ("CALL f()", "CALL"),
    "EXPLAIN": ("EXPLAIN ANALYZE SELECT 1", "EXPLAIN"),
    "PREPARE": ("PREPARE a AS SELECT 1", "PREPARE"),
    "EXECUTE": ("EXECUTE a", "EXECUTE"),
    "DEALLOCATE": ("DEALLOCATE ALL", "DEALLOCATE"),
    "DECLARE": ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "DECLARE CURSOR"),
    "LISTEN": ("LISTEN a", "LISTEN"),
    "NOTIFY": ("NOTIFY a", "NOTIFY"),
    "LOCK": ("LOCK TABLE t", "LOCK"),
    "VACUUM": ("VACUUM", "VACUUM"),
    "ANALYZE": ("ANALYZE t", "ANALYZE"),
    "REINDEX": ("REINDEX TABLE t", "REINDEX"),
    "CLUSTER": ("CLUSTER t USING i", "CLUSTER"),
    "CHECKPOINT": ("CHECKPOINT", "CHECKPOINT"),
    "DISCARD": ("DISCARD ALL", "DISCARD"),
    "LOAD": ("LOAD 'x'", "LOAD"),
    "TRUNCATE": ("TRUNCATE t", "TRUNCATE"),
    "MERGE": ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", "MERGE"),
    "CREATE SCHEMA": ("CREATE SCHEMA x CREATE TABLE t (a int)", "CREATE SCHEMA"),
    "CREATE DATABASE": ("CREATE DATABASE x", "CREATE DATABASE"),
    "CREATE ROLE": ("CREATE ROLE x SUPERUSER", "CREATE ROLE"),
    "CREATE FUNCTION": ("CREATE FUNCTION f() RETURNS int RETURN 1", "CREATE FUNCTION"),
    "CREATE TRIGGER": (
        "CREATE TRIGGER a BEFORE INSERT ON t EXECUTE FUNCTION f()",
        "CREATE TRIGGER",
    ),
    "CREATE RULE": ("CREATE RULE a AS ON SELECT TO t DO INSTEAD SELECT 1", "CREATE RULE"),
    "CREATE VIEW": ("CREATE VIEW v AS SELECT 1", "CREATE VIEW"),
    "CREATE TYPE": ("CREATE TYPE x AS ENUM ('a')", "CREATE TYPE"),
    "CREATE DOMAIN": ("CREATE DOMAIN x AS int", "CREATE DOMAIN"),
    "CREATE SEQUENCE": ("CREATE SEQUENCE x", "CREATE SEQUENCE"),
    "CREATE EXTENSION": ("CREATE EXTENSION dblink", "CREATE EXTENSION"),
    "CREATE POLICY": ("CREATE POLICY p ON t USING (true)", "CREATE POLICY"),
    "CREATE STATISTICS": ("CREATE STATISTICS x ON a, b FROM t", "CREATE STATISTICS"),
    "CREATE AGGREGATE": ("CREATE AGGREGATE x (int) (sfunc = f, stype = int)", "CREATE AGGREGATE"),
    "CREATE PUBLICATION": ("CREATE PUBLICATION x FOR ALL TABLES", "CREATE PUBLICATION"),
    "ALTER SYSTEM": ("ALTER SYSTEM SET port = 1", "ALTER SYSTEM"),
    "ALTER ROLE": ("ALTER ROLE x SUPERUSER", "ALTER ROLE"),
    "ALTER DEFAULT PRIVILEGES": (
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO public",
        "ALTER DEFAULT PRIVILEGES",
    ),
    "OWNER TO of a schema": ("ALTER SCHEMA s OWNER TO x", "ALTER SCHEMA … OWNER TO"),
    "SET SCHEMA": ("ALTER TABLE t SET SCHEMA other", "ALTER TABLE … SET SCHEMA"),
    "ALL IN TABLESPACE": ("ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b", "ALTER TABLE ALL IN"),
    "DROP DATABASE": ("DROP DATABASE x", "DROP DATABASE"),
    "DROP OWNED": ("DROP OWNED BY x", "DROP OWNED"),
    "DROP ROLE": ("DROP ROLE x", "DROP ROLE"),
    "SET CONSTRAINTS": ("SET CONSTRAINTS ALL DEFERRED", "SET CONSTRAINTS"),
    "SECURITY LABEL": ("SECURITY LABEL ON TABLE t IS 'x'", "SECURITY LABEL"),
}

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
    "storage option": ("CREATE TABLE t (a int) WITH (autovacuum_enabled = 1)", "autovacuum_en"),
    "toast option": ("CREATE TABLE t (a int) WITH (toast.fillfactor = 1)", "option fillfactor"),
    "option with a name": ("CREATE TABLE t (a int) WITH (fillfactor = other.x)", "with a number"),
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
    "STORAGE": ("CREATE TABLE t (a text STORAGE plain)", "STORAGE"),
    "COMPRESSION": ("CREATE TABLE t (a text COMPRESSION lz4)", "COMPRESSION"),
    "OPTIONS": ("CREATE TABLE t (a text OPTIONS (x 'y'))", "OPTIONS"),
    "virtual": ("CREATE TABLE t (a int GENERATED ALWAYS AS (1) VIRTUAL)", "STORED only"),
    "virtual by default": ("CREATE TABLE t (a int GENERATED ALWAYS AS (1))", "STORED only"),
    "foreign table": ("CREATE FOREIGN TABLE t (a int) SERVER x", "CREATE FOREIGN TABLE"),
    "AS EXECUTE": ("CREATE TABLE t AS EXECUTE a", "takes a SELECT"),
    "AS WITH that writes": (
        "CREATE TABLE t AS WITH x AS (DELETE FROM u RETURNING *) TABLE x",
        "DELETE is not allowed",
    ),
    "materialized view": ("CREATE MATERIALIZED VIEW v AS SELECT 1", "CREATE TABLE AS"),
    "INTO in a sub-query": ("CREATE TABLE t AS (SELECT 1 INTO x)", "SELECT INTO"),
    "index CONCURRENTLY": ("CREATE INDEX CONCURRENTLY ON t (a)", "CONCURRENTLY"),
    "DROP CONCURRENTLY": ("DROP INDEX CONCURRENTLY i", "CONCURRENTLY"),
    "DROP VIEW": ("DROP VIEW v", "DROP VIEW is not .* tables and indexes"),
    "DROP SCHEMA": ("DROP SCHEMA s CASCADE", "DROP SCHEMA"),
    "DROP SEQUENCE": ("DROP SEQUENCE x", "DROP SEQUENCE"),
    "DROP POLICY": ("DROP POLICY p ON t", "DROP POLICY"),
    "DROP TRIGGER": ("DROP TRIGGER x ON t", "DROP TRIGGER"),
    "DROP FUNCTION": ("DROP FUNCTION f", "DROP FUNCTION"),
    "COMMENT ON SCHEMA": ("COMMENT ON SCHEMA s IS 'x'", "COMMENT ON SCHEMA"),
    "COMMENT ON FUNCTION": ("COMMENT ON FUNCTION f() IS 'x'", "COMMENT ON FUNCTION"),
    "COMMENT ON ROLE": ("COMMENT ON ROLE x IS 'x'", "COMMENT ON ROLE"),
    "RENAME a schema": ("ALTER SCHEMA s RENAME TO x", "Renaming a SCHEMA"),
    "RENAME a view": ("ALTER VIEW v RENAME TO x", "Renaming a VIEW"),
    "RENAME a view's column": ("ALTER VIEW v RENAME COLUMN a TO b", "Renaming a COLUMN"),
    "RENAME a trigger": ("ALTER TRIGGER x ON t RENAME TO y", "Renaming a TRIGGER"),
    "RENAME a role": ("ALTER ROLE x RENAME TO y", "Renaming a ROLE"),
    "ALTER INDEX": ("ALTER INDEX i SET (fillfactor = 50)", "ALTER INDEX is not"),
    "ALTER VIEW": ("ALTER VIEW v ALTER a SET DEFAULT 1", "ALTER VIEW is not"),
    "ALTER SEQUENCE": ("ALTER SEQUENCE x OWNED BY NONE", "ALTER SEQUENCE"),
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
    "SET (fillfactor = 50)": "SET",
    "CLUSTER ON i": "CLUSTER ON",
    "REPLICA IDENTITY FULL": "REPLICA IDENTITY",
    "ALTER a SET STATISTICS 5": "SET STATISTICS",
    "ALTER a SET STORAGE plain": "SET STORAGE",
    "ALTER a SET (n_distinct = 5)": "ALTER COLUMN",
    "ALTER CONSTRAINT a DEFERRABLE": "ALTER CONSTRAINT",
    "ADD a int, OWNER TO x": "OWNER TO",
}

MANAGED = {
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


@pytest.mark.parametrize(("sql", "words"), NOWHERE.values(), ids=NOWHERE)
def test_some_statements_are_run_by_neither_verb(sql: str, words: str | None) -> None:
    with pytest.raises(DmlNotAllowed, match=f"^{words}.* is not" if words else "SELECT INTO is"):
        admit_dml(sql, "s")
    with pytest.raises(DdlNotAllowed, match="is not"):
        admit_ddl(sql)


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


def test_a_statement_of_the_other_verb_is_sent_there() -> None:
    with pytest.raises(DmlNotAllowed, match="CREATE TABLE is not run by exec_dml; send it to exec"):
        admit_dml("SELECT 1; CREATE TABLE t (a int)", "s")
    with pytest.raises(DdlNotAllowed, match="INSERT is not run by exec_ddl; send it to exec_dml"):
        admit_ddl("DROP TABLE t; INSERT INTO t VALUES (1)")
