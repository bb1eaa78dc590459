"""What tables need, by kind, and what comes with them."""

from typing import NamedTuple


class Case(NamedTuple):
    """``sql`` runs with search_path on the schema; in ``told`` tables that are not ``asked`` for.

    ``use`` runs in the copy once the source is gone. ``others``: objects that came along, as
    ``OTHERS`` tells them.
    """

    sql: str
    asked: str
    told: str
    names: str = "b"
    use: str = "SELECT * FROM a"
    others: str = ""


NEEDS = {
    "foreign key": Case(
        "CREATE TABLE b (v int PRIMARY KEY); CREATE TABLE a (v int CONSTRAINT k REFERENCES b)",
        "a",
        "foreign key k of table a needs table b",
    ),
    "foreign keys in a circle": Case(
        "CREATE TABLE a (v int PRIMARY KEY); CREATE TABLE b (v int PRIMARY KEY REFERENCES a);"
        "ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (v) REFERENCES b DEFERRABLE",
        "a",
        "foreign key k of table a needs table b",
    ),
    "foreign key of a partition": Case(
        "CREATE TABLE b (v int PRIMARY KEY); CREATE TABLE a (v int) PARTITION BY LIST (v);"
        "CREATE TABLE a1 PARTITION OF a FOR VALUES IN (1); CREATE TABLE a2 PARTITION OF a DEFAULT;"
        "ALTER TABLE a2 ADD CONSTRAINT k FOREIGN KEY (v) REFERENCES b",
        "a",
        "foreign key k of table a2 needs table b",
    ),
    "foreign key to a partitioned table": Case(
        "CREATE TABLE b (v int PRIMARY KEY) PARTITION BY RANGE (v);"
        "CREATE TABLE b1 PARTITION OF b FOR VALUES FROM (0) TO (9);"
        "CREATE TABLE a (v int CONSTRAINT k REFERENCES b) PARTITION BY LIST (v);"
        "CREATE TABLE a1 PARTITION OF a DEFAULT",
        "a",
        "foreign key k of table a needs table b",
        use="INSERT INTO b VALUES (3); INSERT INTO a VALUES (3)",
    ),
    "foreign key to a partition": Case(
        "CREATE TABLE b (v int) PARTITION BY RANGE (v);"
        "CREATE TABLE b1 PARTITION OF b (PRIMARY KEY (v)) FOR VALUES FROM (0) TO (9);"
        "CREATE TABLE b2 PARTITION OF b DEFAULT; CREATE TABLE a (v int CONSTRAINT k REFERENCES b1)",
        "a",
        "foreign key k of table a needs table b1; table b1 needs table b",
    ),
    "partition": Case(
        "CREATE TABLE b (v int) PARTITION BY LIST (v);"
        "CREATE TABLE b1 PARTITION OF b DEFAULT PARTITION BY LIST (v);"
        "CREATE TABLE a PARTITION OF b1 DEFAULT; CREATE TABLE b2 PARTITION OF b FOR VALUES IN (2)",
        "a",
        "table a needs table b1; table b1 needs table b",
        use="INSERT INTO b VALUES (1), (2); SELECT 1 / count(*) FROM a",
    ),
    "parent": Case(
        "CREATE TABLE b (v int); CREATE TABLE a () INHERITS (b); CREATE TABLE c () INHERITS (b)",
        "a",
        "table a needs table b",
    ),
    "parents": Case(
        "CREATE TABLE c (v int); CREATE TABLE b () INHERITS (c); CREATE TABLE a () INHERITS (b, c)",
        "a",
        "table a needs table b; table a needs table c; table b needs table c",
        "b, c",
    ),
    "view": Case(
        "CREATE TABLE b (v int); CREATE VIEW a AS SELECT v FROM b",
        "a",
        "view a needs table b",
    ),
    "view over its table's key": Case(
        "CREATE TABLE b (v int PRIMARY KEY, w int); CREATE VIEW a AS SELECT v, w FROM b GROUP BY v",
        "a",
        "view a needs table b",
    ),
    "view over views": Case(
        "CREATE TABLE d (v int); CREATE VIEW c AS SELECT v FROM d;"
        "CREATE MATERIALIZED VIEW b AS SELECT v FROM c; CREATE VIEW a AS SELECT v FROM b",
        "a",
        "view a needs materialized view b; materialized view b needs view c; view c needs table d",
        "b, c, d",
        use="REFRESH MATERIALIZED VIEW b; SELECT * FROM a",
    ),
    "materialized view": Case(
        "CREATE TABLE b (v int); CREATE MATERIALIZED VIEW a AS SELECT v FROM b;"
        "CREATE UNIQUE INDEX i ON a (v)",
        "a",
        "materialized view a needs table b",
    ),
    "row as a column": Case(
        "CREATE TABLE b (v int); CREATE TABLE a (rows b[])",
        "a",
        "column rows of table a needs table b",
        use="INSERT INTO a VALUES (ARRAY[ROW(1)::b])",
    ),
    "row in a composite type": Case(
        "CREATE TABLE b (v int); CREATE TYPE pair AS (x b, y int); CREATE TABLE a (p pair)",
        "a",
        "column x of composite type pair needs table b",
        use="INSERT INTO a VALUES (ROW(ROW(1), 2))",
        others="type pair",
    ),
    "row in a domain": Case(
        "CREATE TABLE b (v int); CREATE DOMAIN row_of AS b;CREATE TABLE a (p row_of)",
        "a",
        "type row_of needs table b",
        use="INSERT INTO a VALUES (ROW(1))",
        others="type row_of",
    ),
    "row of a view": Case(
        "CREATE VIEW b AS SELECT 1 AS v; CREATE TABLE a (r b)",
        "a",
        "column r of table a needs view b",
    ),
    "row that a function takes": Case(
        "CREATE TABLE b (v int);"
        "CREATE FUNCTION f(b) RETURNS int LANGUAGE sql IMMUTABLE RETURN 1;"
        "CREATE TABLE a (v int CHECK (f(NULL) = v))",
        "a",
        "constraint a_v_check on table a needs table b; function f(b) needs table b",
        use="INSERT INTO a VALUES (1)",
        others="f",
    ),
    "rows that a function gives": Case(
        "CREATE TABLE b (v int);"
        "CREATE FUNCTION f() RETURNS SETOF b LANGUAGE plpgsql AS 'BEGIN RETURN NEXT ROW(1); END';"
        "CREATE VIEW a AS SELECT v FROM f()",
        "a",
        "function f() needs table b; view a needs table b",
        others="f",
    ),
    "body in standard SQL": Case(
        "CREATE TABLE b (v int); CREATE FUNCTION g() RETURNS bigint LANGUAGE sql"
        " BEGIN ATOMIC SELECT count(*) FROM b; END;"
        "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql RETURN g();"
        "CREATE TABLE a (v bigint DEFAULT f())",
        "a",
        "function g() needs table b",
        use="INSERT INTO a DEFAULT VALUES",
        others="f, g",
    ),
    "policy": Case(
        "CREATE TABLE b (v int); CREATE TABLE a (v int);"
        "CREATE POLICY p ON a USING (v IN (SELECT b.v FROM b)); ALTER TABLE a ENABLE ROW LEVEL SECURITY",
        "a",
        "policy p on table a needs table b",
    ),
    "rule": Case(
        "CREATE TABLE b (v int); CREATE TABLE a (v int);"
        "CREATE RULE r AS ON INSERT TO a DO ALSO INSERT INTO b VALUES (new.v)",
        "a",
        "rule r on table a needs table b",
        use="INSERT INTO a VALUES (1); SELECT 1 / count(*) FROM b",
    ),
    "trigger's other table": Case(
        "CREATE TABLE b (v int); CREATE TABLE a (v int); CREATE FUNCTION f() RETURNS trigger"
        " LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE CONSTRAINT TRIGGER t AFTER INSERT"
        " ON a FROM b FOR EACH ROW EXECUTE FUNCTION f()",
        "a",
        "trigger t on table a needs table b",
        others="f",
    ),
    "default of a trigger's function": Case(
        "CREATE TABLE b (v int); CREATE FUNCTION g(r b) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE FUNCTION h(int DEFAULT g(NULL)) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TABLE a (v int); CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW WHEN (h() = 1)"
        " EXECUTE FUNCTION f()",
        "a",
        "function g(b) needs table b; function h(integer) needs table b",
        use="INSERT INTO a VALUES (1)",
        others="f, g, h",
    ),
    "sequence of another table": Case(
        "CREATE TABLE b (v serial); CREATE TABLE a (v int DEFAULT nextval('b_v_seq'))",
        "a",
        "default value for column v of table a needs table b (for its sequence b_v_seq)",
        use="INSERT INTO a DEFAULT VALUES",
    ),
    "sequence of another table's identity": Case(
        "CREATE TABLE b (v int GENERATED ALWAYS AS IDENTITY);"
        "CREATE TABLE a (v int DEFAULT nextval('b_v_seq'))",
        "a",
        "default value for column v of table a needs table b (for its sequence b_v_seq)",
        use="INSERT INTO a DEFAULT VALUES",
    ),
    "typed by a name": Case(
        "CREATE TABLE b (v int); CREATE TABLE a (v regclass DEFAULT 'b')",
        "a",
        "default value for column v of table a needs table b",
        use="INSERT INTO a DEFAULT VALUES",
    ),
    "index": Case(
        "CREATE TABLE b (v int); CREATE TABLE a (v int); CREATE FUNCTION f(int, b) RETURNS int"
        " LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END'; CREATE INDEX i ON a (f(v, NULL))",
        "a",
        "function f(integer,b) needs table b; index i needs table b",
        use="INSERT INTO a VALUES (1)",
        others="f",
    ),
    "aggregate": Case(
        "CREATE TABLE b (v int); CREATE FUNCTION f(b, int) RETURNS b LANGUAGE sql IMMUTABLE AS"
        " 'SELECT $1'; CREATE AGGREGATE last (int) (SFUNC = f, STYPE = b);"
        "CREATE VIEW a AS SELECT last(v) IS NULL AS v FROM generate_series(1, 2) AS v",
        "a",
        "function f(b,integer) needs table b; function last(integer) needs table b",
        others="f, last",
    ),
}

COMES = {
    "types": Case(
        "CREATE TYPE e AS ENUM ('x'); CREATE TYPE c AS (m e); CREATE DOMAIN d AS c[];"
        "CREATE TYPE r AS RANGE (SUBTYPE = e, MULTIRANGE_TYPE_NAME = rs); CREATE TYPE not_this AS ENUM ();"
        "CREATE TABLE a (v d, w rs[]); CREATE TABLE b (v not_this)",
        "a",
        "",
        use="INSERT INTO a VALUES (ARRAY[ROW('x')::c], ARRAY['{[x,x]}'::rs])",
        others="type c, type d, type e, type r, type rs",
    ),
    "functions": Case(
        "CREATE FUNCTION deep() RETURNS int LANGUAGE sql RETURN 1;"
        "CREATE FUNCTION for_default(int DEFAULT deep()) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE FUNCTION for_check(int) RETURNS bool LANGUAGE sql AS 'SELECT true';"
        "CREATE FUNCTION for_column(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';"
        "CREATE FUNCTION for_index(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';"
        "CREATE FUNCTION for_policy(int) RETURNS bool LANGUAGE sql AS 'SELECT true';"
        "CREATE FUNCTION for_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE FUNCTION for_when(int) RETURNS bool LANGUAGE sql AS 'SELECT true';"
        "CREATE FUNCTION for_domain(int) RETURNS bool LANGUAGE sql AS 'SELECT true';"
        "CREATE FUNCTION for_partition(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';"
        "CREATE FUNCTION not_this(int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE FUNCTION for_b() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE DOMAIN d AS int CHECK (for_domain(VALUE));"
        "CREATE TABLE a (v d DEFAULT for_default() CHECK (for_check(v)),"
        " w int GENERATED ALWAYS AS (for_column(1)) STORED, x int) PARTITION BY LIST (for_partition(x));"
        "CREATE TABLE a1 PARTITION OF a DEFAULT; CREATE INDEX ON a (for_index(v));"
        "CREATE POLICY p ON a USING (for_policy(v)); CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW"
        " WHEN (for_when(NEW.v)) EXECUTE FUNCTION for_trigger();"
        "CREATE TABLE b (v int); CREATE TRIGGER t BEFORE INSERT ON b FOR EACH ROW EXECUTE FUNCTION for_b()",
        "a",
        "",
        use="INSERT INTO a (v) VALUES (1)",
        others="deep, for_check, for_column, for_default, for_domain, for_index, for_partition,"
        " for_policy, for_trigger, for_when, type d",
    ),
    # ORDER BY needs the default of a type, and nothing is known to need that.
    "operator classes": Case(
        "CREATE TYPE w AS (t text); CREATE TYPE not_this AS (t text);"
        "CREATE FUNCTION lt(w, w) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1.t > $2.t';"
        "CREATE FUNCTION eq(w, w) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1.t = $2.t';"
        "CREATE FUNCTION cmp(w, w) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT bttextcmp($2.t, $1.t)';"
        "CREATE FUNCTION cmp(w, text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';"
        "CREATE FUNCTION for_index(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $2 - $1';"
        "CREATE FUNCTION cmp(not_this, not_this) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';"
        "CREATE OPERATOR < (LEFTARG = w, RIGHTARG = w, FUNCTION = lt);"
        "CREATE OPERATOR = (LEFTARG = w, RIGHTARG = w, FUNCTION = eq);"
        "RESET ROLE;"
        "CREATE OPERATOR CLASS of_w DEFAULT FOR TYPE w USING btree AS"
        " OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 cmp(w, w), FUNCTION 1 (w, text) cmp(w, text);"
        "CREATE OPERATOR CLASS of_not_this DEFAULT FOR TYPE not_this USING btree AS"
        " FUNCTION 1 cmp(not_this, not_this);"
        "CREATE OPERATOR CLASS of_index FOR TYPE int USING btree AS"
        " OPERATOR 1 >, OPERATOR 3 =, OPERATOR 5 <, FUNCTION 1 for_index(int, int);"
        "CREATE OPERATOR CLASS not_either FOR TYPE int USING btree AS FUNCTION 1 btint4cmp;"
        "SET ROLE twinbase_owner;"
        "CREATE TABLE a (v w, n int); CREATE INDEX ON a (n of_index); CREATE TABLE b (v not_this)",
        "a",
        "",
        use="SELECT * FROM a ORDER BY v",
        others="class of_index, class of_w, cmp, cmp, eq, family of_index, family of_w, for_index, lt,"
        " operator <, operator =, type w",
    ),
    "operators": Case(
        "CREATE FUNCTION f(int, text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';"
        "CREATE FUNCTION g(text, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';"
        "CREATE FUNCTION n(int, text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false';"
        "CREATE OPERATOR ### (FUNCTION = f, LEFTARG = int, RIGHTARG = text, COMMUTATOR = ###, NEGATOR = !##);"
        "CREATE OPERATOR ### (FUNCTION = g, LEFTARG = text, RIGHTARG = int, COMMUTATOR = ###);"
        "CREATE OPERATOR !## (FUNCTION = n, LEFTARG = int, RIGHTARG = text, NEGATOR = ###);"
        "CREATE OPERATOR ?## (FUNCTION = n, LEFTARG = int, RIGHTARG = text);"
        "CREATE TABLE a (v int CHECK (v ### 'x'))",
        "a",
        "",
        use="INSERT INTO a VALUES (1); SELECT 1 / count(*) FROM a WHERE 'y' ### v AND NOT v !## 'x'",
        others="f, g, n, operator !##, operator ###, operator ###",
    ),
    "casts": Case(
        "CREATE TYPE e AS ENUM ('x'); CREATE TYPE other AS ENUM ('x'); CREATE FUNCTION f(e) RETURNS int"
        " LANGUAGE sql IMMUTABLE AS 'SELECT 7'; CREATE CAST (e AS int) WITH FUNCTION f(e) AS ASSIGNMENT;"
        "CREATE FUNCTION g(e) RETURNS other LANGUAGE sql AS 'SELECT NULL::other'; CREATE CAST (e AS other)"
        " WITH FUNCTION g(e); CREATE TABLE a (v e, w int)",
        "a",
        "",
        use="INSERT INTO a VALUES ('x'); UPDATE a SET w = v; SELECT 1 / (count(*) FILTER (WHERE w = 7)) FROM a",
        others="cast to integer, f, type e",
    ),
    "cast that brings a type": Case(
        "CREATE TYPE e AS ENUM ('x'); CREATE DOMAIN way AS int; CREATE FUNCTION f(e, int DEFAULT 1::way)"
        " RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 7'; CREATE CAST (e AS int) WITH FUNCTION f(e, int);"
        "CREATE TABLE a (v e)",
        "a",
        "",
        use="INSERT INTO a VALUES ('x'); SELECT v::int FROM a",
        others="cast to integer, f, type e, type way",
    ),
    "sequences": Case(
        "CREATE SEQUENCE shared START 5; CREATE SEQUENCE not_this; CREATE TABLE a (v int DEFAULT nextval('shared'),"
        " i int GENERATED ALWAYS AS IDENTITY, s serial); CREATE TABLE b (v int DEFAULT nextval('shared'), s serial);"
        "CREATE SEQUENCE owned OWNED BY a.v",
        "a",
        "",
        use="INSERT INTO a DEFAULT VALUES; SELECT 1 / (v - 4) FROM a",
        others="sequence a_i_seq, sequence a_s_seq, sequence owned, sequence shared",
    ),
    "collation and text search": Case(
        'CREATE COLLATION own FROM "C"; CREATE COLLATION not_this FROM "C";'
        "CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple);"
        "CREATE TEXT SEARCH DICTIONARY other (TEMPLATE = simple);"
        "CREATE TEXT SEARCH CONFIGURATION ours (COPY = simple);"
        "ALTER TEXT SEARCH CONFIGURATION ours ALTER MAPPING FOR word WITH words;"
        "CREATE TEXT SEARCH CONFIGURATION theirs (COPY = simple);"
        "CREATE TABLE a (v text COLLATE own, t tsvector GENERATED ALWAYS AS (to_tsvector('ours', v)) STORED)",
        "a",
        "",
        use="INSERT INTO a VALUES ('x'); SELECT 1 / count(*) FROM a WHERE t @@ to_tsquery('ours', 'x')",
        others="collation own, configuration ours, dictionary words",
    ),
    "what belongs to a table": Case(
        "CREATE TABLE a (v int PRIMARY KEY, w int DEFAULT 2, UNIQUE (w) INCLUDE (v), EXCLUDE USING btree (w WITH =));"
        "CREATE INDEX i ON a (w) WHERE v > 1; CREATE STATISTICS s ON v, w FROM a; ALTER TABLE a REPLICA IDENTITY FULL;"
        "CREATE RULE r AS ON DELETE TO a DO INSTEAD NOTHING; COMMENT ON COLUMN a.w IS 'w';"
        "GRANT SELECT (w) ON a TO twinbase_reader; CREATE TABLE b (v int REFERENCES a, w int);"
        "CREATE STATISTICS t ON v, w FROM b",
        "a",
        "",
        use="INSERT INTO a VALUES (1); DELETE FROM a; SELECT 1 / count(*) FROM a",
        others="statistics s",
    ),
    "partitions of partitions": Case(
        "CREATE TABLE a (v int, w int, PRIMARY KEY (v, w)) PARTITION BY LIST (v);"
        "CREATE TABLE a1 PARTITION OF a FOR VALUES IN (1) PARTITION BY HASH (w);"
        "CREATE TABLE a11 PARTITION OF a1 FOR VALUES WITH (MODULUS 1, REMAINDER 0);"
        "CREATE TABLE a2 (LIKE a); CREATE TABLE loose (LIKE a)",
        "a",
        "",
        use="INSERT INTO a VALUES (1, 1); SELECT 1 / count(*) FROM a11",
    ),
    "children stay away": Case(
        "CREATE TABLE a (v int CHECK (v > 0)); CREATE TABLE b (w int CHECK (w > 0)) INHERITS (a);"
        "INSERT INTO b VALUES (1, 1); INSERT INTO a VALUES (1)",
        "a",
        "",
        use="SELECT 1 / (count(*) = 1)::int FROM a",
    ),
    "who is referred to needs nobody": Case(
        "CREATE TABLE a (v int PRIMARY KEY); CREATE TABLE b (v int REFERENCES a); CREATE VIEW w AS SELECT * FROM a;"
        "CREATE FUNCTION f(a) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE c (r a)",
        "a",
        "",
        use="INSERT INTO a VALUES (1); DELETE FROM a",
    ),
    "an obstacle that nobody asks for": Case(
        "CREATE TABLE a (v int); CREATE TABLE b (v int); RESET ROLE; CREATE FUNCTION f() RETURNS int LEAKPROOF"
        " LANGUAGE sql AS 'SELECT 1'; ALTER TABLE b ADD CHECK (f() = v);"
        "CREATE OPERATOR CLASS own FOR TYPE int USING btree AS FUNCTION 1 btint4cmp;"
        "INSERT INTO pg_seclabel VALUES ('b'::regclass, 'pg_class'::regclass, 0, 'p', 'l');"
        "CREATE TABLE strange (v int)",
        "a",
        "",
    ),
}
