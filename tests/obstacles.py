"""What an operator may do in a tenant's schema that a clone cannot carry yet."""

from typing import NamedTuple

THINGS = "CREATE TABLE things (word varchar, number integer); CREATE INDEX words ON things (word)"


class Obstacle(NamedTuple):
    """``sql`` runs as superuser with search_path on the schema, whose name is ``@schema@``."""

    sql: str
    told: str


# By kind; where all there is in the schema is THINGS.
KINDS: dict[str, dict[str, Obstacle]] = {
    "objects": {
        "view": Obstacle(
            "CREATE VIEW seen AS SELECT word FROM things", "view seen: is not carried"
        ),
        "materialized view": Obstacle(
            "CREATE MATERIALIZED VIEW kept AS SELECT word FROM things",
            "materialized view kept: is not carried",
        ),
        "function": Obstacle(
            "CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * $1'",
            "function twice(integer): is not carried",
        ),
        "procedure": Obstacle(
            "CREATE PROCEDURE go() LANGUAGE sql AS 'SELECT 1'",
            "function go(): is not carried",
        ),
        "aggregate": Obstacle(
            "CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer)",
            "function total(integer): is not carried",
        ),
        "operator": Obstacle(
            "CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
            "operator ===(text,text): is not carried",
        ),
        "operator class": Obstacle(
            "CREATE OPERATOR CLASS own_ops FOR TYPE text USING btree AS FUNCTION 1 bttextcmp",
            "operator class own_ops for access method btree: is not carried",
        ),
        "collation": Obstacle('CREATE COLLATION own FROM "C"', "collation own: is not carried"),
        "conversion": Obstacle(
            "CREATE CONVERSION own FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1",
            "conversion own: is not carried",
        ),
        "text search configuration": Obstacle(
            "CREATE TEXT SEARCH CONFIGURATION own (COPY = simple)",
            "text search configuration own: is not carried",
        ),
        "text search dictionary": Obstacle(
            "CREATE TEXT SEARCH DICTIONARY own (TEMPLATE = simple)",
            "text search dictionary own: is not carried",
        ),
        "extended statistics": Obstacle(
            "CREATE STATISTICS own ON word, number FROM things",
            "statistics object own: is not carried",
        ),
        "extended statistics elsewhere": Obstacle(
            "CREATE STATISTICS public.own ON word, number FROM things",
            "statistics object public.own: is not carried",
        ),
        "foreign table": Obstacle(
            "CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;"
            "CREATE FOREIGN TABLE far (v integer) SERVER nowhere",
            "foreign table far: is not carried",
        ),
        "default privileges": Obstacle(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA @schema@ GRANT SELECT ON TABLES TO PUBLIC",
            "default privileges",
        ),
        "extension": Obstacle(
            """DO $$ BEGIN EXECUTE format('CREATE EXTENSION %I SCHEMA @schema@', (
                SELECT min(name) FROM pg_available_extensions WHERE name IN ('citext', 'vector')
            )); END $$""",
            "extension ",
        ),
    },
    "types": {
        "enumeration": Obstacle("CREATE TYPE mood AS ENUM ('good')", "type mood: is not carried"),
        "domain": Obstacle(
            "CREATE DOMAIN positive AS integer CHECK (value > 0)", "type positive: is not"
        ),
        "composite": Obstacle(
            "CREATE TYPE pair AS (a integer, b integer)", "type pair: is not carried"
        ),
        "range": Obstacle(
            "CREATE TYPE floats AS RANGE (SUBTYPE = float8)", "type floats: is not carried"
        ),
        "column of an enumeration": Obstacle(
            "CREATE TYPE mood AS ENUM ('good'); ALTER TABLE things ADD COLUMN m mood",
            "column m of table things: has a type that is not",
        ),
        "column of an array of a domain": Obstacle(
            "CREATE DOMAIN positive AS integer; ALTER TABLE things ADD COLUMN list positive[]",
            "column list of table things: has a type that is not",
        ),
        "column of a type elsewhere": Obstacle(
            "CREATE TYPE public.size AS ENUM ('big'); ALTER TABLE things ADD COLUMN s public.size",
            "column s of table things: has a type that is not",
        ),
        "column of a table's row": Obstacle(
            "CREATE TABLE public.other (); ALTER TABLE things ADD COLUMN r public.other",
            "column r of table things: has a type that is not",
        ),
        "column of a row of the same schema": Obstacle(
            "CREATE TABLE another (); ALTER TABLE things ADD COLUMN r another",
            "column r of table things: has a type that is not",
        ),
    },
    "tables": {
        "unlogged": Obstacle("ALTER TABLE things SET UNLOGGED", "table things: is unlogged"),
        "made by somebody else": Obstacle(
            "CREATE TABLE strange (v integer)", "table strange: is not as"
        ),
        "without guard": Obstacle(
            "DROP TRIGGER twinbase_stamp ON things", "table things: is not as"
        ),
        "without row security": Obstacle(
            "ALTER TABLE things DISABLE ROW LEVEL SECURITY",
            "table things: is not as",
        ),
        "forced row security": Obstacle(
            "ALTER TABLE things FORCE ROW LEVEL SECURITY",
            "table things: forces row security",
        ),
        "partitioned": Obstacle(
            "CREATE TABLE parted (v integer) PARTITION BY LIST (v);"
            "CREATE TABLE part PARTITION OF parted FOR VALUES IN (1)",
            "table parted: is not carried yet",
        ),
        "partition": Obstacle(
            "CREATE TABLE public.parted (v integer) PARTITION BY LIST (v);"
            "CREATE TABLE part PARTITION OF public.parted FOR VALUES IN (1)",
            "table part: is a partition",
        ),
        "parent": Obstacle(
            "CREATE TABLE child () INHERITS (things)", "table things: inherits or is"
        ),
        "child": Obstacle(
            "CREATE TABLE public.elder (); ALTER TABLE things INHERIT public.elder",
            "table things: inherits or is inherited from",
        ),
        "typed": Obstacle(
            "CREATE TYPE public.shape AS (v integer); CREATE TABLE shaped OF public.shape",
            "table shaped: is typed",
        ),
        "replica identity": Obstacle(
            "ALTER TABLE things REPLICA IDENTITY FULL",
            "table things: has a replica identity",
        ),
        "rule": Obstacle(
            "CREATE RULE deaf AS ON DELETE TO things DO INSTEAD NOTHING",
            "rule deaf on table things: is not carried",
        ),
        "trigger": Obstacle(
            "CREATE TRIGGER own BEFORE UPDATE ON things FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "trigger own on table things: is not carried",
        ),
        "policy": Obstacle(
            "CREATE POLICY own ON things USING (true)",
            "policy own on table things: is not carried",
        ),
        "grant": Obstacle("GRANT SELECT ON things TO PUBLIC", "table things: has other grants"),
        "right to grant": Obstacle(
            "GRANT SELECT ON things TO twinbase_dml WITH GRANT OPTION",
            "table things: has other grants",
        ),
        "grant taken": Obstacle(
            "REVOKE DELETE ON things FROM twinbase_dml",
            "table things: has other grants",
        ),
        "comment on its policy": Obstacle(
            "COMMENT ON POLICY twinbase_rows ON things IS 'x'",
            "policy twinbase_rows on table things: has a comment",
        ),
        "comment on its row type": Obstacle(
            "COMMENT ON TYPE things IS 'x'", "type things: has a comment"
        ),
        "security label": Obstacle(
            "INSERT INTO pg_seclabel VALUES ('things'::regclass, 'pg_class'::regclass, 0, 'p', 'l')",
            "table things: has a security label",
        ),
    },
    "columns": {
        "storage": Obstacle(
            "ALTER TABLE things ALTER word SET STORAGE EXTERNAL",
            "column word of table things: has a storage mode",
        ),
        "compression": Obstacle(
            "ALTER TABLE things ALTER word SET COMPRESSION pglz",
            "column word of table things: has a compression",
        ),
        "statistics target": Obstacle(
            "ALTER TABLE things ALTER word SET STATISTICS 7",
            "column word of table things: has a statistics target",
        ),
        "options": Obstacle(
            "ALTER TABLE things ALTER word SET (n_distinct = 5)",
            "column word of table things: has options",
        ),
        "grants": Obstacle(
            "GRANT SELECT (word) ON things TO PUBLIC",
            "column word of table things: has grants of its own",
        ),
    },
    "indexes": {
        "cluster mark": Obstacle(
            "ALTER TABLE things CLUSTER ON words", "index words: has a cluster mark"
        ),
        "not valid": Obstacle(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'words'::regclass",
            "index words: is not valid",
        ),
        "statistics target": Obstacle(
            "CREATE INDEX told ON things (lower(word)); ALTER INDEX told ALTER 1 SET STATISTICS 9",
            "index told: has a statistics target",
        ),
        "function of one's own": Obstacle(
            "CREATE FUNCTION public.f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';"
            "CREATE INDEX made ON things (public.f(word))",
            "index made: needs what a clone does not carry (function)",
        ),
        "collation of one's own": Obstacle(
            'CREATE COLLATION public.own FROM "C"; CREATE INDEX made ON things (word COLLATE public.own)',
            "index made: needs what a clone does not carry (collation)",
        ),
    },
    "constraints": {
        "key to another schema": Obstacle(
            "CREATE TABLE public.far (v integer PRIMARY KEY);"
            "ALTER TABLE things ADD CONSTRAINT out FOREIGN KEY (number) REFERENCES public.far",
            "constraint out on table things: needs what a clone does not carry (index, table)",
        ),
        "switched off": Obstacle(
            "ALTER TABLE things ADD UNIQUE (number), ADD CONSTRAINT self FOREIGN KEY (number)"
            " REFERENCES things (number); ALTER TABLE things DISABLE TRIGGER ALL;"
            "ALTER TABLE things ENABLE TRIGGER twinbase_stamp",
            "constraint self on table things: is switched off",
        ),
        "check by a function": Obstacle(
            "CREATE FUNCTION public.f(text) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
            "ALTER TABLE things ADD CONSTRAINT made CHECK (public.f(word))",
            "constraint made on table things: needs what a clone does not carry (function)",
        ),
        "default by a function": Obstacle(
            "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS 'SELECT 1';"
            "ALTER TABLE things ALTER word SET DEFAULT public.f()",
            "default value for column word of table things: needs what a clone does not carry (function)",
        ),
        "sequence elsewhere": Obstacle(
            "CREATE SEQUENCE public.far;"
            "ALTER TABLE things ALTER number SET DEFAULT nextval('public.far')",
            "default value for column number of table things: needs what a clone does not carry (sequence)",
        ),
    },
    "sequences": {
        "unlogged": Obstacle(
            "ALTER TABLE things ADD n integer GENERATED ALWAYS AS IDENTITY;"
            "ALTER SEQUENCE things_n_seq SET UNLOGGED",
            "sequence things_n_seq: is unlogged",
        ),
        "grant": Obstacle(
            "ALTER TABLE things ADD n integer GENERATED ALWAYS AS IDENTITY;"
            "GRANT SELECT ON things_n_seq TO PUBLIC",
            "sequence things_n_seq: has other grants",
        ),
        "grant on one of no column": Obstacle(
            "CREATE SEQUENCE loose; GRANT USAGE ON loose TO twinbase_dml",
            "sequence loose: has other grants",
        ),
    },
    "schema": {
        "comment": Obstacle("COMMENT ON SCHEMA @schema@ IS 'x'", "schema @schema@: has a comment"),
        "grant": Obstacle(
            "GRANT USAGE ON SCHEMA @schema@ TO PUBLIC", "schema @schema@: has other grants"
        ),
    },
}
