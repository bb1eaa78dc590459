-- kind: values that are stored outside
-- ask: SELECT md5(a), md5(b::text), md5(c::text), md5(array_to_string(d, '')) FROM toasted
CREATE TABLE toasted (a text, b bytea, c jsonb, d text[], e text);
ALTER TABLE toasted ALTER e SET STORAGE EXTERNAL;
INSERT INTO toasted VALUES (
    (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 20000) AS n), (SELECT string_agg(sha256(n::text::bytea), '') FROM generate_series(1, 3000) AS n),
    (SELECT jsonb_object_agg(n, md5(n::text)) FROM generate_series(1, 2000) AS n), (SELECT array_agg(md5(n::text)) FROM generate_series(1, 3000) AS n), repeat('e', 100000)
), (repeat('compressed ', 50000), NULL, NULL, NULL, '');

-- kind: values of numbers
-- ask: SELECT * FROM numbers ORDER BY a
CREATE TABLE numbers (a integer, f4 real, f8 double precision, n numeric, m money, i8 bigint);
INSERT INTO numbers VALUES
    (1, 'NaN', 'NaN', 'NaN', '-12.34', 9223372036854775807), (2, 'Infinity', '-Infinity', 'Infinity', 0, -9223372036854775808),
    (3, 1.17549435e-38, 2.2250738585072014e-308, '-Infinity', NULL, 0), (4, '-0', '-0', 0.000, NULL, NULL),
    (5, 3.4028235e38, 1.7976931348623157e308, ('1' || repeat('0', 5000) || '.' || repeat('9', 3000))::numeric, NULL, NULL),
    (6, 1e-45, 5e-324, 1.10, NULL, NULL), (7, 0.1, 0.1, 123456789012345678901234567890.123456789, NULL, NULL), (8, 16777217, 9007199254740993, 1e-1000, NULL, NULL);

-- kind: values of moments
CREATE TABLE moments (d date, t time, tz timetz, ts timestamp, tstz timestamptz, i interval, r tstzrange, m datemultirange);
INSERT INTO moments VALUES
    ('infinity', '24:00', '23:59:59.999999-15:59', '-infinity', 'infinity', '178000000 years', '[,infinity]', '{[2024-01-01,2024-02-01),[2025-01-01,)}'),
    ('4713-11-24 BC', '00:00:00.000001', '00:00+15:59', '294276-12-31 23:59:59.999999', '4713-11-24 00:00:00+00 BC', '-1 mon +1 day -00:00:00.000001', 'empty', '{}'),
    ('-infinity', NULL, NULL, 'infinity', '2024-03-31 01:30:00+01', '0', '(2024-01-01 00:00+05,2024-01-02 00:00+05]', NULL);

-- kind: values of text
-- ask: SELECT a, md5(b) FROM texts ORDER BY a
CREATE TABLE texts (a integer, b text, c char(6), d varchar(4), e "char", f name, g bytea, h text[]);
INSERT INTO texts VALUES
    (1, '', '', '', '', '', '', '{}'), (2, '\N', 'a b', '\.', '\', 'x', '\x', '{NULL,"NULL",""," ","{}"}'), (3, E'\\.\n\t\r\b\f\v \\ \x01\x7f', 'äöüß', '🐘', 'z', '数', '\x005c4e0a', E'{"\\"","\\\\"}'),
    (4, E'\n\\.\n', NULL, NULL, NULL, NULL, NULL, NULL), (5, '  both sides  ', ' l', 't ', ' ', ' ', ' ', '{" "}'), (6, 'a''b"c$d$$e;--/*', '$1', ':x', '%', '?', '%s', '[0:1]={a,b}'),
    (7, repeat(E'line of text, ünï 🐘\n', 1000), NULL, NULL, NULL, NULL, decode(repeat('00ff', 1000), 'hex'), ARRAY[['a', 'b'], ['c', NULL]]);

-- kind: values of objects' names
-- ask: SELECT a::text, b::text, c::text, d::text, e::text, g::text FROM naming ORDER BY n
CREATE TYPE naming_mood AS ENUM ('low');
CREATE FUNCTION naming_function(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TEXT SEARCH CONFIGURATION naming_search (COPY = simple);
CREATE TABLE naming (n integer, a regclass, b regtype, c regprocedure, d regproc, e regconfig, f regrole, g regclass[]);
INSERT INTO naming VALUES (1, 'naming', 'naming_mood[]', 'naming_function(integer)', 'naming_function', 'naming_search', 'twinbase_owner', '{naming,pg_class}'),
    (2, 'pg_class', 'integer', 'lower(text)', 'now', 'english', NULL, NULL), (3, 0, 0, 0, 0, 0, NULL, '{}');

-- kind: values of rare types
CREATE TABLE rare (
    a oid, b xid, c xid8, d cid, e tid, f pg_lsn, g pg_snapshot, h oidvector, i int2vector, j refcursor, k macaddr8, l bit varying, m jsonpath, n tsquery, o path, p line, q circle, r box, s lseg, t cidr, u uuid, v json
);
INSERT INTO rare VALUES (
    4294967295, '7', '77', '8', '(1,2)', '16/B374D848', '10:20:10,14', '1 2', '3 4', 'c', '08:00:2b:01:02:03:04:05', B'', '$.a[*] ? (@ > 1)', '''a b'':*A & !(c | d) <-> e',
    '[(1,2),(3,4)]', '{1,2,3}', '<(1,2),3>', '(1,2),(3,4)', '[(1,2),(3,4)]', '10.0.0.0/8', '00000000-0000-0000-0000-000000000001', '{"b":1,  "a":[1.50], "b": 2}'
);
INSERT INTO rare DEFAULT VALUES;

-- kind: values changed and deleted
CREATE TABLE changing (a integer, b text);
INSERT INTO changing SELECT n, 'first' FROM generate_series(1, 10) AS n;
UPDATE changing SET b = 'second' WHERE a % 2 = 0;
DELETE FROM changing WHERE a % 3 = 0;
INSERT INTO changing VALUES (99, 'last');

-- kind: rows that their defaults would not give
-- ask: INSERT INTO given_later VALUES (9) RETURNING *
CREATE TABLE given_later (a integer, b text, c integer);
INSERT INTO given_later VALUES (1, NULL, NULL), (2, 'x', 5);
ALTER TABLE given_later ALTER b SET DEFAULT 'later', ALTER c SET DEFAULT 7;

-- kind: values of objects' names in domains
-- ask: SELECT a::oid = 'dr_t'::regclass::oid FROM dr_t
CREATE DOMAIN dreg AS regclass;
CREATE TABLE dr_t (a dreg);
INSERT INTO dr_t VALUES ('dr_t');

-- kind: values of objects' names in composites
-- ask: SELECT (a).r::oid = 'cr_t'::regclass::oid FROM cr_t
CREATE TYPE creg AS (r regclass, n integer);
CREATE TABLE cr_t (a creg, b creg[]);
INSERT INTO cr_t VALUES (ROW('cr_t', 1), ARRAY[ROW('cr_t', 2)::creg]);
