-- kind: enum
-- ask: SELECT mood, moods FROM enums ORDER BY mood
-- refused: INSERT INTO enums VALUES ('low; or so'::mood, '{}', 'low; or so') RETURNING 1
CREATE TYPE mood AS ENUM ('low; or so', 'it''s "high"', '', 'ääääääääääääääääääääääääääääääx');
CREATE TABLE enums (mood mood CHECK (mood <> 'low; or so'), moods mood[] DEFAULT '{"it''s \"high\""}', by_default mood DEFAULT 'low; or so'::mood);
INSERT INTO enums VALUES ('it''s "high"', '{"",NULL}'), ('', NULL), (NULL, DEFAULT);

-- kind: enum changed in order
-- ask: SELECT a FROM enums_changed ORDER BY a
BEGIN;
CREATE TYPE changed_mood AS ENUM ('b', 'd');
ALTER TYPE changed_mood ADD VALUE 'a' BEFORE 'b';
ALTER TYPE changed_mood ADD VALUE 'c' AFTER 'b';
ALTER TYPE changed_mood ADD VALUE 'e';
ALTER TYPE changed_mood RENAME VALUE 'd' TO 'was d';
COMMIT;
CREATE TABLE enums_changed (a changed_mood);
INSERT INTO enums_changed VALUES ('e'), ('was d'), ('c'), ('b'), ('a');

-- kind: enum without values
CREATE TYPE no_mood AS ENUM ();
CREATE TABLE enums_empty (a no_mood);
INSERT INTO enums_empty VALUES (NULL);

-- kind: composite
-- ask: SELECT (p).x, (many)[2].y, p < ROW(9, 'z', NULL)::pair FROM composites
CREATE TYPE pair AS (x integer, y text COLLATE "C", z numeric(5, 1)[]);
COMMENT ON COLUMN pair.y IS 'the second';
CREATE TABLE composites (p pair DEFAULT ROW(1, 'd', NULL), many pair[], CHECK ((p).x > 0));
INSERT INTO composites VALUES ((1, 'a "b" (c), \', '{1.5,NULL}'), ARRAY[(2, NULL, NULL), (3, '', '{}')]::pair[]);

-- kind: composite nested
-- ask: SELECT ((o).inner_one).x, ((o).inner_many[1]).x FROM composites_nested
CREATE TYPE inner_pair AS (x integer, y text);
CREATE TYPE outer_pair AS (inner_one inner_pair, inner_many inner_pair[], n integer);
CREATE TABLE composites_nested (o outer_pair, many outer_pair[]);
INSERT INTO composites_nested VALUES (((1, 'a'), ARRAY[(2, 'b')]::inner_pair[], 3), ARRAY[((4, NULL), NULL, 5)]::outer_pair[]);

-- kind: composite changed
-- ask: SELECT (c).* FROM composites_changed
CREATE TYPE changed_pair AS (gone integer, kept text, also_gone date);
ALTER TYPE changed_pair DROP ATTRIBUTE gone, DROP ATTRIBUTE also_gone, ADD ATTRIBUTE late integer;
ALTER TYPE changed_pair RENAME ATTRIBUTE kept TO "as kept";
CREATE TABLE composites_changed (c changed_pair);
INSERT INTO composites_changed VALUES (('k', 5)), (NULL);

-- kind: composite without attributes
CREATE TYPE no_pair AS ();
CREATE TABLE composites_empty (c no_pair);
INSERT INTO composites_empty VALUES (NULL);

-- kind: domain
-- ask: INSERT INTO domains (b) VALUES (5) RETURNING *
-- refused: INSERT INTO domains (a) VALUES ('shout') RETURNING 1
-- refused: INSERT INTO domains (b) VALUES (NULL) RETURNING 1
CREATE DOMAIN quiet AS varchar(20) COLLATE "C" DEFAULT 'hush' CONSTRAINT low CHECK (VALUE <> 'shout') CHECK (length(VALUE) < 15);
CREATE DOMAIN needed AS integer NOT NULL DEFAULT 3;
CREATE TABLE domains (a quiet, b needed, c quiet DEFAULT 'own', many quiet[]);
INSERT INTO domains (a, many) VALUES ('a', '{b,c}'), (DEFAULT, NULL);

-- kind: domain check not valid
-- refused: INSERT INTO domains_since VALUES (-2) RETURNING 1
CREATE DOMAIN since_then AS integer;
CREATE TABLE domains_since (a since_then);
INSERT INTO domains_since VALUES (-1), (1);
ALTER DOMAIN since_then ADD CONSTRAINT since_then_check CHECK (VALUE > 0) NOT VALID;

-- kind: domain not null by a name
-- least: 17
-- refused: INSERT INTO domains_named VALUES (NULL) RETURNING 1
CREATE DOMAIN named_domain AS integer CONSTRAINT "must be" NOT NULL CONSTRAINT and_more CHECK (VALUE > 0);
COMMENT ON CONSTRAINT "must be" ON DOMAIN named_domain IS 'a domain';
CREATE TABLE domains_named (a named_domain);

-- kind: domains over other types
-- ask: SELECT *, n + 1 FROM domains_over
-- refused: INSERT INTO domains_over (n) VALUES (101) RETURNING 1
CREATE TYPE over_mood AS ENUM ('low', 'high');
CREATE TYPE over_pair AS (x integer, y text);
CREATE DOMAIN over_enum AS over_mood DEFAULT 'high' CHECK (VALUE <> 'low'::over_mood);
CREATE DOMAIN over_array AS integer[] CHECK (cardinality(VALUE) > 0);
CREATE DOMAIN over_composite AS over_pair CHECK ((VALUE).x > 0);
CREATE DOMAIN over_range AS int4range CHECK (NOT isempty(VALUE));
CREATE DOMAIN over_number AS numeric(9, 2) CHECK (VALUE > 0);
CREATE DOMAIN over_domain AS over_number DEFAULT 1 CHECK (VALUE < 100);
CREATE DOMAIN over_enum_array AS over_mood[];
CREATE TABLE domains_over (e over_enum, a over_array, c over_composite, r over_range, n over_domain, ea over_enum_array, many over_domain[]);
INSERT INTO domains_over VALUES (DEFAULT, '{1}', (1, 'a'), '[1,2)', 5, '{low,NULL}', '{1,2}');

-- kind: domain by a function of its own
-- refused: INSERT INTO domains_by_function VALUES ('x') RETURNING 1
CREATE FUNCTION domain_check(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 LIKE '%@%'; END $$;
CREATE FUNCTION domain_default() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'a@b'::text $$;
CREATE DOMAIN mail AS text DEFAULT domain_default() CHECK (domain_check(VALUE));
CREATE TABLE domains_by_function (a mail);
INSERT INTO domains_by_function VALUES (DEFAULT), ('c@d');

-- kind: domain and function that need each other
-- refused: SELECT 0::circular_domain
CREATE DOMAIN circular_domain AS integer;
CREATE FUNCTION circular_check(integer, circular_domain[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
ALTER DOMAIN circular_domain ADD CONSTRAINT circular CHECK (circular_check(VALUE, NULL));

-- kind: range
-- ask: SELECT r, m, r @> 5::double precision, r * floats(1, 2) FROM ranges WHERE r IS NOT NULL
CREATE FUNCTION floats_apart(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 - $2';
CREATE TYPE floats AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = floats_apart, MULTIRANGE_TYPE_NAME = many_floats);
CREATE TABLE ranges (r floats DEFAULT 'empty', m many_floats, rs floats[], ms many_floats[]);
INSERT INTO ranges VALUES ('[1.5,9)', '{[1,2),[3,4]}', '{"[1,2)",NULL}', ARRAY['{[5,6)}']::many_floats[]), (NULL, '{}', '{}', NULL);
CREATE INDEX ranges_r ON ranges USING gist (r, m);

-- kind: range of names as PostgreSQL makes them
CREATE TYPE plain_text_range AS RANGE (SUBTYPE = text, COLLATION = "C", SUBTYPE_OPCLASS = text_pattern_ops);
CREATE TYPE "Odd range" AS RANGE (SUBTYPE = bigint, SUBTYPE_DIFF = int8range_subdiff);
CREATE TABLE ranges_named (a plain_text_range, b plain_text_multirange, c "Odd range", d "Odd multirange");
INSERT INTO ranges_named VALUES ('[a,c)', '{[x,z]}', '[1,5)', '{[1,2)}');

-- kind: range over a type of its own
-- ask: SELECT r @> 'middle'::ranged_mood FROM ranges_own
CREATE TYPE ranged_mood AS ENUM ('low', 'middle', 'high');
CREATE TYPE mood_range AS RANGE (SUBTYPE = ranged_mood);
CREATE TABLE ranges_own (r mood_range);
INSERT INTO ranges_own VALUES ('[low,high)');

-- kind: arrays of types
CREATE TYPE array_mood AS ENUM ('low', 'high');
CREATE TYPE array_pair AS (m array_mood, ms array_mood[]);
CREATE DOMAIN array_domain AS array_mood CHECK (VALUE IS NOT NULL);
CREATE TYPE array_range AS RANGE (SUBTYPE = array_mood);
CREATE TABLE arrays (e array_mood[], c array_pair[], d array_domain[], r array_range[], m array_multirange[], g array_mood[][], f array_mood[3]);
INSERT INTO arrays VALUES (
    '{high,NULL}', ARRAY[('low', '{high}')]::array_pair[], '{low}', '{"[low,high]"}', '{"{[low,low]}"}',
    '[0:1][2:3]={{low,high},{high,low}}', '{low}'
);

-- kind: array type whose name was taken
-- ask: SELECT * FROM shadow_arrays
CREATE TABLE _shadowed (a integer);
CREATE TYPE shadowed AS ENUM ('x');
CREATE TABLE shadow_arrays (a shadowed[], b _shadowed[]);
INSERT INTO shadow_arrays VALUES ('{x}', ARRAY[ROW(1)::_shadowed]);

-- kind: type renamed
CREATE TYPE type_before AS ENUM ('x');
CREATE TABLE types_renamed (a type_before[]);
INSERT INTO types_renamed VALUES ('{x}');
ALTER TYPE type_before RENAME TO "type; now";
CREATE TYPE type_before AS (a "type; now");

-- kind: base type
-- superuser
-- refusable
-- ask: SELECT a, a = 'x'::base_word FROM based
CREATE TYPE base_word;
CREATE FUNCTION base_word_in(cstring) RETURNS base_word LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION base_word_out(base_word) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE base_word (INPUT = base_word_in, OUTPUT = base_word_out, LIKE = text, CATEGORY = 'S', DELIMITER = ';', COLLATABLE = true, DEFAULT = 'd');
CREATE FUNCTION base_word_equal(base_word, base_word) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'texteq';
CREATE OPERATOR = (LEFTARG = base_word, RIGHTARG = base_word, FUNCTION = base_word_equal, COMMUTATOR = =);
CREATE TABLE based (a base_word, many base_word[], b base_word DEFAULT 'x');
INSERT INTO based VALUES ('x', '{a;b}'), (NULL, NULL);

-- kind: shell type
-- superuser
-- refusable
CREATE TYPE only_announced;
COMMENT ON TYPE only_announced IS 'not there yet';

-- kind: collation
-- ask: SELECT a FROM collated ORDER BY a
CREATE COLLATION own_collation (LOCALE = 'C');
CREATE COLLATION from_another FROM "POSIX";
CREATE COLLATION of_two (LC_COLLATE = 'C', LC_CTYPE = 'POSIX');
CREATE DOMAIN collated_domain AS text COLLATE own_collation CHECK (VALUE < 'zz' COLLATE of_two);
CREATE TYPE collated_pair AS (a text COLLATE own_collation);
CREATE TYPE collated_range AS RANGE (SUBTYPE = text, COLLATION = own_collation);
CREATE TABLE collated (
    a text COLLATE own_collation, b varchar(9)[] COLLATE from_another, c collated_domain, d collated_pair,
    e collated_range, f text GENERATED ALWAYS AS (a || lower(a COLLATE "C")) STORED, CHECK (a COLLATE of_two <> 'q')
);
CREATE INDEX collated_a ON collated (a, (lower(a) COLLATE from_another), a COLLATE "C");
CREATE VIEW collated_seen AS SELECT a COLLATE of_two AS a, max(a COLLATE own_collation) AS highest FROM collated GROUP BY a ORDER BY a COLLATE from_another;
INSERT INTO collated VALUES ('b', '{x}', 'c', ROW('d'), '[a,b)'), ('B', NULL, NULL, NULL, NULL);

-- kind: collation icu
-- needs: icu
-- ask: SELECT a FROM collated_by_icu ORDER BY a
-- refused: INSERT INTO collated_by_icu (b) VALUES ('ABC') RETURNING 1
CREATE COLLATION german (PROVIDER = icu, LOCALE = 'de-u-co-phonebk');
CREATE COLLATION no_case (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
CREATE TABLE collated_by_icu (a text COLLATE german, b text COLLATE no_case UNIQUE);
INSERT INTO collated_by_icu VALUES ('Göbel', 'Abc'), ('Goethe', 'abd'), ('Goldmann', NULL);

-- kind: collation icu with rules
-- needs: icu
-- least: 16
-- ask: SELECT a FROM collated_by_rules ORDER BY a
CREATE COLLATION ruled (PROVIDER = icu, LOCALE = 'und', RULES = '&V << w <<< W');
CREATE TABLE collated_by_rules (a text COLLATE ruled);
INSERT INTO collated_by_rules VALUES ('w'), ('v'), ('V'), ('x');

-- kind: collation builtin
-- least: 17
-- ask: SELECT upper(a) FROM collated_by_builtin ORDER BY a
CREATE COLLATION builtin_unicode (PROVIDER = builtin, LOCALE = 'C.UTF-8');
CREATE TABLE collated_by_builtin (a text COLLATE builtin_unicode);
INSERT INTO collated_by_builtin VALUES ('ä'), ('a');

-- kind: domain by a function of its own, in arrays
-- ask: SELECT * FROM arrays_of_checked
CREATE FUNCTION checked_in_arrays(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
CREATE DOMAIN checked_member AS integer CHECK (checked_in_arrays(VALUE));
CREATE TABLE arrays_of_checked (a checked_member[], b checked_member);
INSERT INTO arrays_of_checked VALUES ('{1,2,NULL}', 3);

-- kind: type whose cast to text says something else
-- ask: SELECT a::text FROM told_otherwise ORDER BY told_otherwise.a
CREATE TYPE told_mood AS ENUM ('a', 'b');
CREATE FUNCTION told_as_b(told_mood) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'b' $$;
CREATE CAST (told_mood AS text) WITH FUNCTION told_as_b(told_mood) AS ASSIGNMENT;
CREATE TABLE told_otherwise (a told_mood);
INSERT INTO told_otherwise VALUES ('a'), ('b'), (NULL);

-- kind: domain whose default is by a function of the domain
-- ask: INSERT INTO ddf VALUES (DEFAULT) RETURNING *
CREATE DOMAIN ddd AS integer;
CREATE FUNCTION ddd_next() RETURNS ddd LANGUAGE sql AS 'SELECT 7::ddd';
ALTER DOMAIN ddd SET DEFAULT ddd_next();
CREATE TABLE ddf (a ddd);
INSERT INTO ddf VALUES (DEFAULT);

-- kind: domains over domains of arrays
CREATE DOMAIN d1 AS integer[] CHECK (array_length(VALUE, 1) < 5);
CREATE DOMAIN d2 AS d1 NOT NULL;
CREATE DOMAIN d3 AS d2[];
CREATE TYPE dco AS (x d1, y d3, z text);
CREATE TABLE dda (a d1, b d2 DEFAULT '{}', c d3, d dco, e dco[], f d1[]);
INSERT INTO dda VALUES ('[3:4]={1,2}', '{3}', ARRAY['{1,2}'::d2, '{}'::d2]::d3, ROW('{1}', ARRAY['{9}'::d2]::d3, 'a"b\,{}'), ARRAY[ROW(NULL, NULL, NULL)::dco, NULL], ARRAY['{5}'::d1]);
INSERT INTO dda VALUES (NULL, '{}', NULL, NULL, '{}', '{}'), ('{NULL}', '{}', '{}', ROW(NULL, NULL, NULL), NULL, NULL);
