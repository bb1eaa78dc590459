-- kind: operator
-- ask: SELECT 1 === 1, 1 !== 1, ~~~ 5, 'a'::text |> 3
CREATE FUNCTION operator_equal(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
CREATE FUNCTION operator_unequal(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 <> $2';
CREATE FUNCTION operator_prefix(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT -$1';
CREATE FUNCTION operator_repeat(text, integer) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT repeat($1, $2)';
CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = operator_equal, COMMUTATOR = ===, NEGATOR = !==, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR !== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = operator_unequal, COMMUTATOR = !==, NEGATOR = ===, RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR ~~~ (RIGHTARG = integer, FUNCTION = operator_prefix);
CREATE OPERATOR |> (LEFTARG = text, RIGHTARG = integer, FUNCTION = operator_repeat);

-- kind: operator in use
-- ask: SELECT a, b FROM operator_seen
-- refused: INSERT INTO operator_rows VALUES (-1) RETURNING 1
CREATE FUNCTION operator_used(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > $2';
CREATE OPERATOR >>>> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = operator_used);
CREATE TABLE operator_rows (
    a integer CHECK (a >>>> 0), b boolean DEFAULT (2 >>>> 1), c boolean GENERATED ALWAYS AS (a >>>> 5) STORED
);
INSERT INTO operator_rows VALUES (1), (9);
CREATE INDEX operator_rows_index ON operator_rows ((a >>>> 3)) WHERE a >>>> 1;
CREATE VIEW operator_seen AS SELECT a, a >>>> 4 AS b FROM operator_rows WHERE a >>>> ALL (ARRAY[0]) ORDER BY a;

-- kind: operator over types of its own
-- ask: SELECT (1, 2)::operand + (3, 4)::operand
CREATE TYPE operand AS (x integer, y integer);
CREATE FUNCTION operand_sum(operand, operand) RETURNS operand LANGUAGE sql IMMUTABLE AS 'SELECT $1.x + $2.x, $1.y + $2.y';
CREATE OPERATOR + (LEFTARG = operand, RIGHTARG = operand, FUNCTION = operand_sum, COMMUTATOR = +);

-- kind: operator class
-- superuser
-- ask: SELECT a FROM backward ORDER BY a USING <<<<
CREATE FUNCTION backward_less(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 > $2';
CREATE FUNCTION backward_more(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 < $2';
CREATE FUNCTION backward_compare(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT btint4cmp($2, $1)';
CREATE OPERATOR <<<< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = backward_less, COMMUTATOR = >>>>>);
CREATE OPERATOR >>>>> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = backward_more, COMMUTATOR = <<<<);
CREATE OPERATOR CLASS backward_ops FOR TYPE integer USING btree AS
    OPERATOR 1 <<<<, OPERATOR 3 =, OPERATOR 5 >>>>>, FUNCTION 1 backward_compare(integer, integer);
CREATE TABLE backward (a integer);
INSERT INTO backward VALUES (1), (3), (2);
CREATE INDEX backward_a ON backward (a backward_ops DESC);
CREATE VIEW backward_seen AS SELECT a FROM backward ORDER BY a USING <<<<;

-- kind: operator family and default class of a type of its own
-- superuser
-- ask: SELECT a FROM in_family ORDER BY a
CREATE TYPE family_word AS (w text);
CREATE FUNCTION family_lt(family_word, family_word) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT lower($1.w) < lower($2.w)';
CREATE FUNCTION family_le(family_word, family_word) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT lower($1.w) <= lower($2.w)';
CREATE FUNCTION family_eq(family_word, family_word) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT lower($1.w) = lower($2.w)';
CREATE FUNCTION family_ge(family_word, family_word) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT lower($1.w) >= lower($2.w)';
CREATE FUNCTION family_gt(family_word, family_word) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT lower($1.w) > lower($2.w)';
CREATE FUNCTION family_cmp(family_word, family_word) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT bttextcmp(lower($1.w), lower($2.w))';
CREATE FUNCTION family_cmp_text(family_word, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT bttextcmp(lower($1.w), lower($2))';
CREATE FUNCTION family_eq_text(family_word, text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT lower($1.w) = lower($2)';
CREATE FUNCTION family_hash(family_word) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT hashtext(lower($1.w))';
CREATE OPERATOR < (LEFTARG = family_word, RIGHTARG = family_word, FUNCTION = family_lt, COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR <= (LEFTARG = family_word, RIGHTARG = family_word, FUNCTION = family_le, COMMUTATOR = >=, NEGATOR = >);
CREATE OPERATOR = (LEFTARG = family_word, RIGHTARG = family_word, FUNCTION = family_eq, COMMUTATOR = =, HASHES, MERGES);
CREATE OPERATOR >= (LEFTARG = family_word, RIGHTARG = family_word, FUNCTION = family_ge, COMMUTATOR = <=, NEGATOR = <);
CREATE OPERATOR > (LEFTARG = family_word, RIGHTARG = family_word, FUNCTION = family_gt, COMMUTATOR = <, NEGATOR = <=);
CREATE OPERATOR = (LEFTARG = family_word, RIGHTARG = text, FUNCTION = family_eq_text);
CREATE OPERATOR FAMILY family_of_words USING btree;
CREATE OPERATOR CLASS family_word_ops DEFAULT FOR TYPE family_word USING btree FAMILY family_of_words AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 family_cmp(family_word, family_word);
ALTER OPERATOR FAMILY family_of_words USING btree ADD
    OPERATOR 3 = (family_word, text), FUNCTION 1 (family_word, text) family_cmp_text(family_word, text);
CREATE OPERATOR CLASS family_word_hash DEFAULT FOR TYPE family_word USING hash AS
    OPERATOR 1 =, FUNCTION 1 family_hash(family_word);
CREATE TABLE in_family (a family_word UNIQUE, EXCLUDE USING hash (a WITH =));
INSERT INTO in_family VALUES (ROW('b')), (ROW('A'));
CREATE TABLE in_family_parts (a family_word) PARTITION BY RANGE (a);
CREATE TABLE in_family_part PARTITION OF in_family_parts FOR VALUES FROM (ROW('a')) TO (ROW('m'));
INSERT INTO in_family_parts VALUES (ROW('C'));

-- kind: operator family that is empty and class that stores
-- superuser
CREATE OPERATOR FAMILY empty_family USING gist;
CREATE OPERATOR FAMILY loose_family USING hash;
ALTER OPERATOR FAMILY loose_family USING hash ADD OPERATOR 1 pg_catalog.= (integer, bigint), FUNCTION 1 (bigint, bigint) hashint8(bigint);
CREATE OPERATOR CLASS keeping_ops FOR TYPE point USING gist AS
    OPERATOR 11 |>> (point, point), OPERATOR 15 <-> (point, point) FOR ORDER BY pg_catalog.float_ops,
    FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal), FUNCTION 2 gist_box_union(internal, internal),
    FUNCTION 3 gist_point_compress(internal), FUNCTION 5 gist_box_penalty(internal, internal, internal),
    FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal),
    FUNCTION 8 (point, point) gist_point_distance(internal, point, smallint, oid, internal), STORAGE box;
CREATE TABLE kept_points (a point);
CREATE INDEX kept_points_a ON kept_points USING gist (a keeping_ops);

-- kind: operator class for every access method
-- superuser
-- ask: SELECT a, b, c FROM of_methods WHERE a @> ARRAY['x'] OR b = 'y' OR c > 1 ORDER BY c
CREATE DOMAIN method_words AS text[];
CREATE DOMAIN method_number AS integer CHECK (VALUE > 0);
CREATE OPERATOR CLASS "words; of ""gin""" FOR TYPE text[] USING gin AS
    OPERATOR 1 && (anyarray, anyarray), OPERATOR 2 @> (anyarray, anyarray),
    FUNCTION 1 bttextcmp(text, text), FUNCTION 2 ginarrayextract(anyarray, internal, internal),
    FUNCTION 3 ginqueryarrayextract(anyarray, internal, smallint, internal, internal, internal, internal),
    FUNCTION 4 ginarrayconsistent(internal, smallint, anyarray, integer, internal, internal, internal, internal),
    STORAGE text;
CREATE OPERATOR CLASS method_words_ops FOR TYPE method_words USING gin AS
    OPERATOR 2 @> (anyarray, anyarray), FUNCTION 1 bttextcmp(text, text),
    FUNCTION 2 ginarrayextract(anyarray, internal, internal),
    FUNCTION 3 ginqueryarrayextract(anyarray, internal, smallint, internal, internal, internal, internal),
    FUNCTION 4 ginarrayconsistent(internal, smallint, anyarray, integer, internal, internal, internal, internal), STORAGE text;
CREATE OPERATOR CLASS method_text_ops FOR TYPE text USING spgist AS
    OPERATOR 3 =, OPERATOR 28 ^@, FUNCTION 1 spg_text_config(internal, internal), FUNCTION 2 spg_text_choose(internal, internal),
    FUNCTION 3 spg_text_picksplit(internal, internal), FUNCTION 4 spg_text_inner_consistent(internal, internal),
    FUNCTION 5 spg_text_leaf_consistent(internal, internal);
CREATE OPERATOR CLASS method_number_ops FOR TYPE integer USING brin AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 brin_minmax_opcinfo(internal), FUNCTION 2 brin_minmax_add_value(internal, internal, internal, internal),
    FUNCTION 3 brin_minmax_consistent(internal, internal, internal), FUNCTION 4 brin_minmax_union(internal, internal, internal);
CREATE OPERATOR CLASS method_number_ops FOR TYPE method_number USING btree AS
    OPERATOR 1 < (integer, integer), OPERATOR 3 = (integer, integer), FUNCTION 1 (method_number, method_number) btint4cmp(integer, integer), FUNCTION 2 (method_number, method_number) btint4sortsupport(internal);
COMMENT ON OPERATOR CLASS "words; of ""gin""" USING gin IS 'of @schema@';
COMMENT ON OPERATOR FAMILY "words; of ""gin""" USING gin IS 'a family; it''s';
COMMENT ON OPERATOR CLASS method_number_ops USING brin IS 'brin';
CREATE TABLE of_methods (a text[], b text, c method_number, d method_words);
INSERT INTO of_methods VALUES ('{x,y}', 'y', 1, '{d}'), ('{}', 'z', 2, NULL);
CREATE INDEX of_methods_gin ON of_methods USING gin (a "words; of ""gin""");
CREATE INDEX of_methods_spgist ON of_methods USING spgist (b method_text_ops);
CREATE INDEX of_methods_brin ON of_methods USING brin ((c + 0) method_number_ops);
CREATE INDEX of_methods_btree ON of_methods (c method_number_ops DESC NULLS LAST) INCLUDE (b) WHERE c > 0;

-- kind: operator class in a family of PostgreSQL's own
-- superuser
-- ask: SELECT a FROM in_shared_family ORDER BY a
CREATE TYPE shared_word AS (w text);
CREATE FUNCTION shared_lt(shared_word, shared_word) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT ($1).w > ($2).w';
CREATE FUNCTION shared_eq(shared_word, shared_word) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT ($1).w = ($2).w';
CREATE FUNCTION shared_cmp(shared_word, shared_word) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT bttextcmp(($2).w, ($1).w)';
CREATE OPERATOR < (LEFTARG = shared_word, RIGHTARG = shared_word, FUNCTION = shared_lt);
CREATE OPERATOR = (LEFTARG = shared_word, RIGHTARG = shared_word, FUNCTION = shared_eq, COMMUTATOR = =, MERGES);
CREATE OPERATOR CLASS shared_word_ops DEFAULT FOR TYPE shared_word USING btree FAMILY pg_catalog.text_ops AS
    OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 shared_cmp(shared_word, shared_word);
CREATE TABLE in_shared_family (a shared_word PRIMARY KEY);
INSERT INTO in_shared_family VALUES (ROW('b')), (ROW('A'));

-- kind: operator class that much needs without saying so
-- superuser
-- ask: SELECT a, g FROM sorted_rows ORDER BY a
-- ask: SELECT highest_of(ARRAY[ROW(1)::sorted_number, ROW(3)::sorted_number])
-- ask: SELECT r @> ROW(2)::sorted_number, multi FROM sorted_ranges
-- refused: INSERT INTO sorted_rows VALUES (ROW(0), ROW(2)) RETURNING 1
-- refused: INSERT INTO sorted_exclusion VALUES (ROW(1)) RETURNING 1
CREATE TYPE sorted_number AS (n integer);
CREATE FUNCTION sorted_lt(sorted_number, sorted_number) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.n < $2.n';
CREATE FUNCTION sorted_eq(sorted_number, sorted_number) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.n = $2.n';
CREATE FUNCTION sorted_gt(sorted_number, sorted_number) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.n > $2.n';
CREATE FUNCTION sorted_cmp(sorted_number, sorted_number) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT btint4cmp($1.n, $2.n)';
CREATE FUNCTION sorted_diff(sorted_number, sorted_number) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS 'SELECT ($1.n - $2.n)::float8';
CREATE FUNCTION sorted_hash(sorted_number, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS 'SELECT hashint4extended($1.n, $2)';
CREATE FUNCTION sorted_hash(sorted_number) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT hashint4($1.n)';
CREATE OPERATOR < (LEFTARG = sorted_number, RIGHTARG = sorted_number, FUNCTION = sorted_lt, COMMUTATOR = >);
CREATE OPERATOR = (LEFTARG = sorted_number, RIGHTARG = sorted_number, FUNCTION = sorted_eq, COMMUTATOR = =, HASHES, MERGES);
CREATE OPERATOR > (LEFTARG = sorted_number, RIGHTARG = sorted_number, FUNCTION = sorted_gt, COMMUTATOR = <);
CREATE OPERATOR CLASS sorted_ops DEFAULT FOR TYPE sorted_number USING btree AS
    OPERATOR 1 <, OPERATOR 3 =, OPERATOR 5 >, FUNCTION 1 sorted_cmp(sorted_number, sorted_number);
CREATE OPERATOR CLASS sorted_hash_ops FOR TYPE sorted_number USING hash AS
    OPERATOR 1 =, FUNCTION 1 sorted_hash(sorted_number), FUNCTION 2 sorted_hash(sorted_number, bigint);
CREATE TABLE sorted_rows (
    a sorted_number CHECK (a > ROW(0)::sorted_number AND a = ANY (ARRAY[ROW(1), ROW(2)]::sorted_number[])), b sorted_number,
    g sorted_number GENERATED ALWAYS AS (greatest(a, b)) STORED
);
INSERT INTO sorted_rows VALUES (ROW(2), ROW(1)), (ROW(1), ROW(9));
CREATE STATISTICS sorted_told ON a, b FROM sorted_rows;
CREATE AGGREGATE sorted_least(sorted_number) (SFUNC = array_append, STYPE = sorted_number[], INITCOND = '{}', SORTOP = <);
CREATE FUNCTION highest_of(sorted_number[]) RETURNS sorted_number LANGUAGE sql IMMUTABLE BEGIN ATOMIC
    SELECT n FROM unnest($1) AS n ORDER BY n DESC LIMIT 1;
END;
CREATE VIEW sorted_seen AS SELECT DISTINCT a, count(*) OVER (PARTITION BY b ORDER BY a) AS n FROM sorted_rows;
CREATE MATERIALIZED VIEW sorted_kept AS SELECT a FROM sorted_rows ORDER BY a;
CREATE TYPE sorted_range AS RANGE (SUBTYPE = sorted_number, SUBTYPE_OPCLASS = sorted_ops, SUBTYPE_DIFF = sorted_diff);
CREATE OPERATOR CLASS sorted_backward_ops FOR TYPE sorted_number USING btree AS
    OPERATOR 1 >, OPERATOR 3 =, OPERATOR 5 <, FUNCTION 1 sorted_cmp(sorted_number, sorted_number);
CREATE TYPE sorted_backward AS RANGE (SUBTYPE = sorted_number, SUBTYPE_OPCLASS = sorted_backward_ops);
CREATE TABLE sorted_ranges (r sorted_range, multi sorted_multirange, other sorted_backward, EXCLUDE USING gist (r WITH &&));
INSERT INTO sorted_ranges VALUES (sorted_range(ROW(1), ROW(3)), sorted_multirange(sorted_range(ROW(1), ROW(3))));
CREATE TABLE sorted_exclusion (a sorted_number, EXCLUDE USING btree (a sorted_ops WITH =));
INSERT INTO sorted_exclusion VALUES (ROW(1));
CREATE TABLE sorted_parts (a sorted_number, b integer) PARTITION BY HASH (a sorted_hash_ops);
CREATE TABLE sorted_part_0 PARTITION OF sorted_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE sorted_part_1 PARTITION OF sorted_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO sorted_parts SELECT ROW(n)::sorted_number, n FROM generate_series(1, 20) AS n;

-- kind: operator class of members of several types
-- superuser
-- ask: SELECT a FROM crossed WHERE a <<| 2::bigint ORDER BY a USING <<|
CREATE DOMAIN crossed_number AS bigint;
CREATE FUNCTION crossed_less(integer, bigint) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 < $2';
CREATE FUNCTION crossed_less(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 < $2';
CREATE OPERATOR <<| (LEFTARG = integer, RIGHTARG = bigint, FUNCTION = crossed_less);
CREATE OPERATOR <<| (LEFTARG = integer, RIGHTARG = integer, FUNCTION = crossed_less);
CREATE OPERATOR FAMILY crossed_family USING btree;
CREATE OPERATOR CLASS crossed_ops FOR TYPE integer USING btree FAMILY crossed_family AS
    OPERATOR 1 <<|, OPERATOR 1 <<| (integer, bigint), FUNCTION 1 btint4cmp(integer, integer), FUNCTION 1 (integer, bigint) btint48cmp(integer, bigint),
    FUNCTION 4 btequalimage(oid), FUNCTION 3 (integer, bigint) in_range(integer, integer, bigint, boolean, boolean);
CREATE OPERATOR CLASS crossed_more_ops FOR TYPE bigint USING btree FAMILY crossed_family AS
    OPERATOR 3 =, FUNCTION 1 btint8cmp(bigint, bigint);
ALTER OPERATOR FAMILY crossed_family USING btree ADD OPERATOR 3 = (integer, integer), OPERATOR 3 = (integer, bigint);
CREATE OPERATOR CLASS crossed_distance FOR TYPE point USING gist AS
    OPERATOR 15 <-> (point, point) FOR ORDER BY pg_catalog.float_ops,
    FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal), FUNCTION 2 gist_box_union(internal, internal),
    FUNCTION 3 gist_point_compress(internal), FUNCTION 5 gist_box_penalty(internal, internal, internal),
    FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal),
    FUNCTION 8 gist_point_distance(internal, point, smallint, oid, internal), STORAGE box;
CREATE OPERATOR FAMILY crossed_sorting USING btree;
ALTER OPERATOR FAMILY crossed_distance USING gist ADD OPERATOR 16 <-> (point, box) FOR ORDER BY crossed_sorting;
CREATE TABLE crossed (a integer, p point);
INSERT INTO crossed VALUES (1, '(1,1)'), (3, '(2,2)');
CREATE INDEX crossed_a ON crossed (a crossed_ops);
CREATE INDEX crossed_p ON crossed USING gist (p crossed_distance);
COMMENT ON OPERATOR FAMILY crossed_family USING btree IS 'crossed';

-- kind: text search dictionary
-- ask: SELECT ts_lexize('own_simple', 'The'), ts_lexize('own_stem', 'running')
CREATE TEXT SEARCH DICTIONARY own_simple (TEMPLATE = simple, STOPWORDS = english, ACCEPT = 'false');
CREATE TEXT SEARCH DICTIONARY own_stem (TEMPLATE = snowball, LANGUAGE = 'english');

-- kind: text search configuration
-- ask: SELECT to_tsvector('own_search', 'The running fox-dogs 12'), words, document FROM searched
CREATE TEXT SEARCH DICTIONARY search_stop (TEMPLATE = simple, STOPWORDS = english, ACCEPT = false);
CREATE TEXT SEARCH CONFIGURATION own_search (COPY = english);
ALTER TEXT SEARCH CONFIGURATION own_search ALTER MAPPING FOR asciiword, word WITH search_stop, pg_catalog.english_stem;
ALTER TEXT SEARCH CONFIGURATION own_search ALTER MAPPING FOR hword WITH search_stop, simple;
ALTER TEXT SEARCH CONFIGURATION own_search DROP MAPPING FOR int, float;
CREATE TEXT SEARCH CONFIGURATION search_empty (PARSER = "default");
CREATE TABLE searched (
    document text, words tsvector GENERATED ALWAYS AS (to_tsvector('own_search', document)) STORED,
    configuration regconfig DEFAULT 'own_search'
);
INSERT INTO searched (document, configuration) VALUES ('The foxes are running', NULL);
CREATE INDEX searched_document ON searched USING gin (to_tsvector('own_search', document));
CREATE FUNCTION searched_for(text) RETURNS SETOF text LANGUAGE sql STABLE
    AS $$ SELECT document FROM searched WHERE words @@ to_tsquery('own_search', $1) $$;

-- kind: text search parser and template
-- superuser
-- refusable
-- ask: SELECT to_tsvector('own_parsed', 'A word')
CREATE TEXT SEARCH PARSER own_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, HEADLINE = prsd_headline, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE own_template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY own_of_template (TEMPLATE = own_template, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION own_parsed (PARSER = own_parser);
ALTER TEXT SEARCH CONFIGURATION own_parsed ADD MAPPING FOR asciiword WITH own_of_template;

-- kind: conversion
CREATE CONVERSION own_conversion FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
CREATE DEFAULT CONVERSION "own default" FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;

-- kind: comment on a cast
CREATE TYPE castable AS (a integer, b integer);
CREATE FUNCTION castable_to_int(castable) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1.a';
CREATE CAST (castable AS integer) WITH FUNCTION castable_to_int(castable) AS ASSIGNMENT;
COMMENT ON CAST (castable AS integer) IS 'a cast';

-- kind: cast that nothing names
CREATE TYPE cc AS (v text);
CREATE FUNCTION cc_from(text) RETURNS cc LANGUAGE sql IMMUTABLE AS 'SELECT ROW(upper($1))::cc';
CREATE FUNCTION cc_to(cc) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''<'' || ($1).v || ''>''';
CREATE CAST (text AS cc) WITH FUNCTION cc_from(text) AS IMPLICIT;
CREATE CAST (cc AS text) WITH FUNCTION cc_to(cc) AS ASSIGNMENT;
CREATE TABLE cc_t (a cc DEFAULT 'x'::text, b cc[] DEFAULT ARRAY['y'::text::cc], c cc GENERATED ALWAYS AS ('z'::text) STORED);
INSERT INTO cc_t VALUES (DEFAULT, DEFAULT), (ROW('lower'), NULL);
CREATE VIEW cc_v AS SELECT a::text AS t, b::text[] AS u FROM cc_t;
CREATE TYPE ee AS ENUM ('x', 'y'); CREATE CAST (ee AS integer) WITH INOUT;

-- kind: text search dictionary that names another one
CREATE TEXT SEARCH DICTIONARY thesaurus_stems (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH DICTIONARY thesaurus_words (TEMPLATE = thesaurus, DictFile = thesaurus_sample, Dictionary = '@own@.thesaurus_stems');
