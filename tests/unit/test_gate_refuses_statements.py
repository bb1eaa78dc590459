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
    "CREATE SCHEMA": ("CREATE SCHEMA x CREATE TABLE t (a int)", "CREATE SCHEMA"),
    "CREATE DATABASE": ("CREATE DATABASE x", "CREATE DATABASE"),
    "CREATE ROLE": ("CREATE ROLE x SUPERUSER", "CREATE ROLE"),
    "CREATE FUNCTION": ("CREATE FUNCTION f() RETURNS int RETURN 1", "CREATE FUNCTION"),
    "CREATE TRIGGER": (
        "CREATE TRIGGER a BEFORE INSERT ON t EXECUTE FUNCTION f()",
        "CREATE TRIGGER",
    ),
    "CREATE RULE": ("CREATE RULE a AS ON SELECT TO t DO INSTEAD SELECT 1", "CREATE RULE"),
    "CREATE TYPE of fields": ("CREATE TYPE x AS (a int)", "CREATE TYPE"),
    "CREATE TYPE of ranges": ("CREATE TYPE x AS RANGE (subtype = int4)", "CREATE TYPE"),
    "CREATE TYPE of C": ("CREATE TYPE x (input = f, output = f)", "CREATE TYPE"),
    "CREATE TYPE of nothing": ("CREATE TYPE x", "CREATE TYPE"),
    "ALTER TYPE of C": ("ALTER TYPE x SET (storage = plain)", "ALTER TYPE"),
    "CREATE CAST": ("CREATE CAST (text AS mood) WITH INOUT AS IMPLICIT", "CREATE CAST"),
    "CREATE OPERATOR": ("CREATE OPERATOR + (function = f)", "CREATE OPERATOR"),
    "CREATE COLLATION": ("CREATE COLLATION x (locale = 'C')", "CREATE COLLATION"),
    "REFRESH": ("REFRESH MATERIALIZED VIEW v", "REFRESH MATERIALIZED VIEW"),
    "ALTER INDEX DEPENDS": ("ALTER INDEX i DEPENDS ON EXTENSION x", "ALTER OBJECT DEPENDS"),
    "IMPORT": ("IMPORT FOREIGN SCHEMA a FROM SERVER b INTO c", "IMPORT FOREIGN SCHEMA"),
    "CREATE EXTENSION": ("CREATE EXTENSION dblink", "CREATE EXTENSION"),
    "CREATE POLICY": ("CREATE POLICY p ON t USING (true)", "CREATE POLICY"),
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


@pytest.mark.parametrize(("sql", "words"), NOWHERE.values(), ids=NOWHERE)
def test_some_statements_are_run_by_neither_verb(sql: str, words: str | None) -> None:
    with pytest.raises(DmlNotAllowed, match=f"^{words}.* is not" if words else "SELECT INTO is"):
        admit_dml(sql, "s")
    with pytest.raises(DdlNotAllowed, match="is not"):
        admit_ddl(sql)


def test_a_statement_of_the_other_verb_is_sent_there() -> None:
    with pytest.raises(DmlNotAllowed, match="CREATE TABLE is not run by exec_dml; send it to exec"):
        admit_dml("SELECT 1; CREATE TABLE t (a int)", "s")
    with pytest.raises(DdlNotAllowed, match="INSERT is not run by exec_ddl; send it to exec_dml"):
        admit_ddl("DROP TABLE t; INSERT INTO t VALUES (1)")
    with pytest.raises(DdlNotAllowed, match="MERGE is not run by exec_ddl; send it to exec_dml"):
        admit_ddl("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE")
    with pytest.raises(DmlNotAllowed, match="CREATE VIEW is not run by exec_dml; send it to exec"):
        admit_dml("CREATE VIEW v AS SELECT 1", "s")
