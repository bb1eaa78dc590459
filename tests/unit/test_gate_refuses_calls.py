"""Functions, types, operators and values that expressions may not use, however written."""

import pytest

from domain.gate import admit_ddl, admit_dml
from exceptions.errors import DdlNotAllowed, DmlNotAllowed

FUNCTIONS = {
    "sleep": ("SELECT pg_sleep(10)", "function pg_sleep is not allowed"),
    "capitals": ("SELECT PG_SLEEP(10)", "function pg_sleep is not allowed"),
    "quotes": ('SELECT "pg_sleep"(10)', "function pg_sleep"),
    "unicode escape": ('SELECT U&"\\0070g_sleep"(10)', "function pg_sleep"),
    "comment inside": ("SELECT pg_sleep/**/(10)", "function pg_sleep"),
    "qualified": ("SELECT pg_catalog.pg_sleep(10)", r"function pg_catalog\.pg_sleep"),
    "qualified with catalog": ("SELECT x.pg_catalog.lower('a')", r"x\.pg_catalog\.lower"),
    "another schema": ("SELECT other.lower('a')", r"function other\.lower is not"),
    "own schema": ("SELECT s.lower('a')", r"function s\.lower is not"),
    "case matters": ("SELECT \"LOWER\"('a')", "function LOWER"),
    "unknown": ("SELECT no_such_function(1)", "function no_such_function is not"),
    "in FROM": ("SELECT * FROM pg_ls_dir('.')", "pg_ls_dir"),
    "in ROWS FROM": ("SELECT * FROM ROWS FROM (lower('a'), pg_ls_dir('.')) AS x", "pg_ls_dir"),
    "in WITH": ("WITH a AS (SELECT pg_sleep(1)) SELECT 1", "pg_sleep"),
    "in WHERE": ("DELETE FROM t WHERE pg_sleep(1) IS NULL", "pg_sleep"),
    "in RETURNING": ("DELETE FROM t RETURNING pg_sleep(1)", "pg_sleep"),
    "in ON CONFLICT": (
        "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = lastval()",
        "lastval",
    ),
    "as an aggregate": ("SELECT xmlagg(a ORDER BY b) FROM t", "xmlagg"),
    "as a window": ("SELECT pg_sleep(1) OVER () FROM t", "pg_sleep"),
    "in a window": ("SELECT count(*) OVER (ORDER BY pg_sleep(1)) FROM t", "pg_sleep"),
    "in an argument": ("SELECT lower(upper(version()))", "function version"),
    "in LIMIT": ("SELECT 1 LIMIT lastval()", "lastval"),
    "in MERGE, ON": (
        "MERGE INTO t USING u ON pg_sleep(1) IS NULL WHEN MATCHED THEN DELETE",
        "pg_sleep",
    ),
    "in MERGE, AND": (
        "MERGE INTO t USING u ON true WHEN MATCHED AND lo_unlink(1) > 0 THEN DELETE",
        "lo_unlink",
    ),
    "in MERGE, SET": (
        "MERGE INTO t USING u ON true WHEN MATCHED THEN UPDATE SET a = version()",
        "version",
    ),
    "in MERGE, VALUES": (
        "MERGE INTO t USING u ON true WHEN NOT MATCHED THEN INSERT VALUES (version())",
        "version",
    ),
    "in MERGE, USING": (
        "MERGE INTO t USING pg_ls_dir('.') AS x ON true WHEN MATCHED THEN DELETE",
        "pg_ls_dir",
    ),
    "in MERGE, RETURNING": (
        "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE RETURNING version()",
        "version",
    ),
    "in TABLESAMPLE": ("SELECT * FROM t TABLESAMPLE system (pg_sleep(1))", "pg_sleep"),
    "in REPEATABLE": ("SELECT * FROM t TABLESAMPLE system (1) REPEATABLE (version())", "version"),
    "in JSON_TABLE": ("SELECT * FROM JSON_TABLE(version(), '$' COLUMNS (a int)) AS x", "version"),
    "in JSON_TABLE, passing": (
        "SELECT * FROM JSON_TABLE('{}', '$' PASSING version() AS v COLUMNS (a int)) AS x",
        "version",
    ),
    "in JSON_TABLE, nested": (
        "SELECT * FROM JSON_TABLE('', '$' COLUMNS (NESTED '$' COLUMNS (a int DEFAULT version() ON ERROR)))",
        "version",
    ),
    "in JSON": ("SELECT JSON_OBJECT('a': current_setting('port'))", "current_setting"),
    "settings": ("SELECT set_config('twinbase.uid', 'x', true)", "set_config"),
    "SQL from text": ("SELECT query_to_xml('SELECT 1', true, true, '')", "query_to_xml"),
    "SQL from text, search": ("SELECT ts_stat('SELECT 1')", "ts_stat"),
    "SQL from text, rewrite": ("SELECT ts_rewrite('a'::tsquery, 'SELECT 1')", "ts_rewrite"),
    "name from text": ("SELECT to_regclass('other.t')", "to_regclass"),
    "type of": ("SELECT COALESCE(pg_typeof(1), 'other.t')", "pg_typeof"),
    "input function": ("SELECT regclassin('other.t')", "regclassin"),
    "function that is a type": ("SELECT regclass('other.t')", "function regclass"),
    "session": ("SELECT setseed(0.5)", "setseed"),
    "lock": ("SELECT pg_advisory_lock(1)", "pg_advisory_lock"),
    "file": ("SELECT pg_read_file('/etc/passwd')", "pg_read_file"),
    "large object": ("SELECT lo_import('/etc/passwd')", "lo_import"),
    "notify": ("SELECT pg_notify('a', 'b')", "pg_notify"),
    "another database": ("SELECT * FROM dblink('', 'SELECT 1') AS t(a int)", "dblink"),
    # functions that the grammar makes
    "COLLATION FOR": ("SELECT COLLATION FOR (a) FROM t", "pg_collation_for"),
    "SYSTEM_USER": ("SELECT SYSTEM_USER", "system_user"),
    "TREAT": ("SELECT TREAT('x' AS regclass)", r"pg_catalog\.regclass"),
    "XMLEXISTS": ("SELECT XMLEXISTS('a' PASSING b) FROM t", "xmlexists"),
    # functions written as columns
    "field of a value": ("SELECT ('SELECT 1').ts_stat", r'\(…\)\."ts_stat" is not allowed'),
    "field of a number": ("SELECT (0.1::float8).pg_sleep", r'"pg_sleep" is not allowed'),
    "field of a parameter": ("SELECT $1.current_setting", r'"current_setting" is not'),
    "field of an element": ("SELECT (ARRAY['x'])[1].regclass", r'"regclass" is not'),
    "field of a query": ("SELECT (SELECT 'x').regclass", r'"regclass" is not'),
    "field of a column": ("SELECT (a).version FROM t", r'"version" is not'),
    "field of a field": ("SELECT (jsonb_each(a)).key.regclass FROM t", r'"regclass" is not'),
    "column of a function": ("SELECT x.ts_stat FROM concat('SELECT 1') AS x", r"AS \"x\""),
    "named column of a function": (
        "SELECT x.ts_stat FROM concat('SELECT 1') AS x(a)",
        "may call the function",
    ),
    "function named as its column": (
        "SELECT ts_stat.ts_stat FROM json_array_elements_text('[]') AS ts_stat",
        "may call the function",
    ),
    "function without alias": ("SELECT lower.ts_stat FROM lower('x')", "may call the function"),
    "expression without alias": ("SELECT text.ts_stat FROM CAST('x' AS text)", "needs an alias"),
    "expression with alias": ("SELECT x.ts_stat FROM COALESCE('x', 'y') AS x", "may call the"),
    "column that another scope names": (
        "SELECT x.ts_stat FROM lower('x') AS x(a) WHERE EXISTS (SELECT FROM lower('') x(ts_stat))",
        "may call the function",
    ),
    "column before FROM is seen": (
        "SELECT (SELECT x.regclass) FROM t, LATERAL (SELECT 1) AS u, unnest(t.arr) AS x",
        "may call the function",
    ),
    "function of a row": ("SELECT t.record_send FROM t", "function record_send"),
    # text search configurations
    "configuration with a schema": ("SELECT to_tsvector('other.x', 'a')", "must be a literal"),
    "configuration cast": ("SELECT to_tsvector('other.x'::regconfig, 'a')", "type regconfig"),
    "configuration collated": (
        "SELECT to_tsvector('other.x' COLLATE \"C\", 'a')",
        "must be a literal",
    ),
    "configuration parameter": ("SELECT to_tsquery($1, 'a')", "must be a literal"),
    "configuration of headline": ("SELECT ts_headline('other.x', 'a', 'b')", "must be a literal"),
    "configuration elsewhere": (
        "SELECT COALESCE('simple'::regconfig, 'other.x')",
        "type regconfig is not",
    ),
    "configuration quoted": ("SELECT to_tsvector('\"other\".x', 'a')", "must be a literal"),
}

OTHERS = {
    "type": ("SELECT 'other.t'::regclass", "type regclass is not allowed"),
    "type in capitals": ("SELECT CAST('x' AS REGTYPE)", "type regtype"),
    "type prefix": ("SELECT regclass 'other.t'", "type regclass"),
    "type qualified": ("SELECT 'x'::pg_catalog.regclass", r"type pg_catalog\.regclass"),
    "type array": ("SELECT '{}'::regproc[]", "type regproc"),
    "type array's own name": ("SELECT '{}'::_text", "type _text"),
    "type by unicode": ("SELECT 'x'::U&\"\\0072egclass\"", "type regclass"),
    "type another schema": ("SELECT 'x'::other.text", r"type other\.text"),
    "type own schema": ("SELECT 'x'::s.text", r"type s\.text"),
    "type of the system": ("SELECT 'x'::pg_lsn", "type pg_lsn"),
    "type of the system, own schema": ("SELECT 'x'::s.pg_lsn", r"type s\.pg_lsn"),
    "type pseudo": ("SELECT 'x'::record", "type record"),
    "type any": ("SELECT 'x'::\"any\"", "type any"),
    "type with three parts": ("SELECT 'x'::postgres.s.mood", r"type postgres\.s\.mood"),
    "row type of another schema": ("SELECT NULL::other.orders", r"type other\.orders"),
    "row type of a catalog": ("SELECT NULL::pg_authid", "type pg_authid"),
    "row type of information_schema": (
        "SELECT NULL::information_schema.tables",
        r"type information_schema\.tables",
    ),
    "type with roles": ("SELECT 'x'::aclitem", "type aclitem"),
    "type number": ("SELECT 1::oid", "type oid"),
    "type xml": ("SELECT 'x'::xml", "type xml"),
    "type serial": ("SELECT 1::serial", "type serial"),
    "type in FROM": ("SELECT * FROM json_to_record('{}') AS x(a regclass)", "type regclass"),
    "type in ROWS FROM": (
        "SELECT * FROM ROWS FROM (json_to_record('{}') AS (a regclass)) AS x",
        "type regclass",
    ),
    "type in JSON": ("SELECT JSON_VALUE('{}', '$' RETURNING regclass)", "type regclass"),
    "type in JSON_TABLE": (
        "SELECT * FROM JSON_TABLE('{}', '$' COLUMNS (a regclass)) AS x",
        "type regclass",
    ),
    "type in MERGE": (
        "MERGE INTO t USING u ON u.a::regclass IS NULL WHEN MATCHED THEN DELETE",
        "type regclass",
    ),
    "type modifier of an own type": ("SELECT 'x'::mood(version())", "function version"),
    "type modifier": ("SELECT 'x'::text(version())", "function version"),
    "type in SETOF": ("SELECT * FROM json_to_record('{}') AS x(a SETOF int)", "SETOF"),
    "operator": ("SELECT 1 OPERATOR(other.+) 2", r"operator other\.\+ is not allowed"),
    "operator own schema": ("SELECT 1 OPERATOR(s.+) 2", r"operator s\.\+"),
    "prefix operator": ("SELECT OPERATOR(other.-) 2", r"operator other\.-"),
    "operator ANY": ("SELECT 1 OPERATOR(other.=) ANY (ARRAY[1])", r"operator other\.="),
    "operator of sub-query": ("SELECT 1 OPERATOR(other.=) ANY (SELECT 1)", r"operator other\.="),
    "operator ALL": ("SELECT 1 OPERATOR(other.=) ALL (VALUES (1))", r"operator other\.="),
    "ORDER BY USING": ("SELECT 1 ORDER BY 1 USING OPERATOR(other.<)", r"operator other\.<"),
    "aggregate ORDER BY USING": (
        "SELECT array_agg(a ORDER BY a USING OPERATOR(other.<)) FROM t",
        r"operator other\.<",
    ),
    "collation": ('SELECT a COLLATE other."C" FROM t', r"collation other\.C is not"),
    "collation in ON CONFLICT": (
        'INSERT INTO t VALUES (1) ON CONFLICT (a COLLATE other."C") DO NOTHING',
        r"collation other\.C",
    ),
    "operator class in ON CONFLICT": (
        "INSERT INTO t VALUES (1) ON CONFLICT (a other.text_ops) DO NOTHING",
        r"operator class other\.text_ops",
    ),
    "CURRENT_USER": ("SELECT CURRENT_USER", "CURRENT_USER is not allowed"),
    "SESSION_USER": ("SELECT SESSION_USER", "SESSION_USER"),
    "USER": ("SELECT USER", "USER is not"),
    "CURRENT_ROLE": ("SELECT CURRENT_ROLE", "CURRENT_ROLE"),
    "CURRENT_CATALOG": ("SELECT CURRENT_CATALOG", "CURRENT_CATALOG"),
    "CURRENT_SCHEMA": ("SELECT CURRENT_SCHEMA", "CURRENT_SCHEMA"),
    "user in FROM": ("SELECT * FROM CURRENT_USER AS x", "CURRENT_USER"),
    "sampling method": ("SELECT * FROM t TABLESAMPLE system_rows (1)", "method system_rows"),
    "sampling method, schema": ("SELECT * FROM t TABLESAMPLE other.system (1)", r"other\.system"),
    "XMLTABLE": ("SELECT * FROM XMLTABLE('/' PASSING a COLUMNS b int) AS x", "XMLTABLE"),
    "XMLELEMENT": ("SELECT XMLELEMENT(NAME a)", "XML"),
    "XMLSERIALIZE": ("SELECT XMLSERIALIZE(CONTENT a AS text) FROM t", "XMLSERIALIZE"),
    "IS DOCUMENT": ("SELECT a IS DOCUMENT FROM t", "XML"),
    "CURRENT OF": ("DELETE FROM t WHERE CURRENT OF c", "WHERE CURRENT OF"),
    "parameter 0": ("SELECT $0", r"counted from \$1"),
}

# Where a definition holds an expression, a type or an operator.
IN_DDL = {
    "DEFAULT": ("CREATE TABLE t (a int DEFAULT lastval())", "lastval"),
    "DEFAULT cast": ("CREATE TABLE t (a int DEFAULT 'x'::regclass)", "type regclass"),
    "DEFAULT user": ("CREATE TABLE t (a text DEFAULT CURRENT_USER)", "CURRENT_USER"),
    "DEFAULT parameter": ("CREATE TABLE t (a int DEFAULT $1)", "takes no parameters"),
    "CHECK": ("CREATE TABLE t (a int CHECK (pg_sleep(1) IS NULL))", "pg_sleep"),
    "CHECK field": ("CREATE TABLE t (a text CHECK ((a).ts_stat IS NULL))", "ts_stat"),
    "GENERATED": ("CREATE TABLE t (a int GENERATED ALWAYS AS (lo_creat(1)) STORED)", "lo_creat"),
    "column type": ("CREATE TABLE t (a regclass)", "type regclass"),
    "column type of a catalog": ("CREATE TABLE t (a pg_class)", "type pg_class"),
    "column type of an array's name": ("CREATE TABLE t (a _mood)", "type _mood"),
    "column type with a schema": ("CREATE TABLE t (a other.text)", r"type other\.text"),
    "column collation": ('CREATE TABLE t (a text COLLATE other."C")', r"collation other\.C"),
    "added column type": ("ALTER TABLE t ADD a oid", "type oid"),
    "changed type": ("ALTER TABLE t ALTER a TYPE regtype", "type regtype"),
    "changed type's USING": ("ALTER TABLE t ALTER a TYPE int USING version()", "version"),
    "changed collation": ('ALTER TABLE t ALTER a TYPE text COLLATE other."C"', "collation other"),
    "changed default": ("ALTER TABLE t ALTER a SET DEFAULT version()", "version"),
    "changed expression": ("ALTER TABLE t ALTER a SET EXPRESSION AS (version())", "version"),
    "added CHECK": ("ALTER TABLE t ADD CHECK (version() = '')", "version"),
    "index expression": ("CREATE INDEX ON t ((pg_sleep(1)))", "pg_sleep"),
    "index predicate": ("CREATE INDEX ON t (a) WHERE version() = ''", "version"),
    "index operator class": ("CREATE INDEX ON t (a other.ops)", r"operator class other\.ops"),
    "index collation": ('CREATE INDEX ON t (a COLLATE other."C")', r"collation other\.C"),
    "index method": ("CREATE INDEX ON t USING bloom (a)", "index method bloom"),
    "EXCLUDE operator": ("CREATE TABLE t (EXCLUDE (a WITH OPERATOR(other.=)))", "operator other"),
    "EXCLUDE operator class": ("CREATE TABLE t (EXCLUDE (a other.ops WITH =))", "class other"),
    "EXCLUDE method": ("CREATE TABLE t (EXCLUDE USING rum (a WITH =))", "index method rum"),
    "EXCLUDE expression": ("CREATE TABLE t (EXCLUDE ((version()) WITH =))", "version"),
    "view": ("CREATE VIEW v AS SELECT pg_read_file('x')", "pg_read_file"),
    "view, recursive": ("CREATE RECURSIVE VIEW v (a) AS SELECT 'x'::regclass", "type regclass"),
    "view's column of a function": ("CREATE VIEW v AS SELECT x.ts_stat FROM lower('') AS x", "may"),
    "view's parameter": ("CREATE VIEW v AS SELECT $1", "takes no parameters"),
    "domain": ("CREATE DOMAIN d AS regclass", "type regclass"),
    "domain's array": ("CREATE DOMAIN d AS pg_catalog.regproc[]", r"type pg_catalog\.regproc"),
    "domain's CHECK": ("CREATE DOMAIN d AS int CHECK (VALUE > pg_sleep(1))", "pg_sleep"),
    "domain's CHECK, field": ("CREATE DOMAIN d AS text CHECK ((VALUE).ts_stat IS NULL)", "ts_stat"),
    "domain's DEFAULT": ("CREATE DOMAIN d AS text DEFAULT version()", "version"),
    "domain's collation": ('CREATE DOMAIN d AS text COLLATE other."C"', "collation other"),
    "domain's new CHECK": ("ALTER DOMAIN d ADD CHECK (lo_creat(1) > 0)", "lo_creat"),
    "domain's new DEFAULT": ("ALTER DOMAIN d SET DEFAULT CURRENT_USER", "CURRENT_USER"),
    "statistics": ("CREATE STATISTICS st ON a, (pg_sleep(1)) FROM t", "pg_sleep"),
    "AS SELECT": ("CREATE TABLE t AS SELECT pg_read_file('x')", "pg_read_file"),
    "AS SELECT column": ("CREATE TABLE t AS SELECT x.ts_stat FROM lower('') AS x", "may call"),
    "AS SELECT parameter": ("CREATE TABLE t AS SELECT $1", "takes no parameters"),
}


@pytest.mark.parametrize(("sql", "fragment"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_only_listed_functions_are_called(sql: str, fragment: str) -> None:
    with pytest.raises(DmlNotAllowed, match=fragment):
        admit_dml(sql, "s")


@pytest.mark.parametrize(("sql", "fragment"), OTHERS.values(), ids=OTHERS)
def test_only_listed_types_operators_and_values_are_used(sql: str, fragment: str) -> None:
    with pytest.raises(DmlNotAllowed, match=fragment):
        admit_dml(sql, "s")


@pytest.mark.parametrize(("sql", "fragment"), IN_DDL.values(), ids=IN_DDL)
def test_the_same_holds_in_definitions(sql: str, fragment: str) -> None:
    with pytest.raises(DdlNotAllowed, match=fragment):
        admit_ddl(sql)
