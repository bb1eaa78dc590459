-- kind: function sql
-- ask: SELECT sql_sum(2, 3), sql_sum(2)
CREATE FUNCTION sql_sum(a integer, b integer DEFAULT 10) RETURNS integer LANGUAGE sql AS 'SELECT a + b';

-- kind: function plpgsql
-- ask: SELECT plpgsql_loop(5)
CREATE FUNCTION plpgsql_loop(n integer) RETURNS text LANGUAGE plpgsql AS $body$
DECLARE
    told text := $$it's $1, \n and '$_$'$$; -- a comment; with 'quotes'
BEGIN
    FOR i IN 1..n LOOP
        told := told || i;
    END LOOP;
    RETURN told;
EXCEPTION WHEN division_by_zero THEN
    RETURN NULL;
END
$body$;

-- kind: function bodies with odd text
-- ask: SELECT odd_body(), empty_body() IS NULL, '[' || blank_body()::text || ']'
CREATE FUNCTION odd_body() RETURNS text LANGUAGE sql AS $odd$ SELECT E'back\\slash \t "q" ''s'' $$ $1 $_$ /* -- */'::text; -- end
$odd$;
CREATE FUNCTION empty_body() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION blank_body() RETURNS text LANGUAGE plpgsql AS E'\nBEGIN\r\n\tRETURN ''ünï'';\nEND\n\n';

-- kind: function setof
-- ask: SELECT * FROM many_numbers(3)
-- ask: SELECT * FROM many_rows()
CREATE TABLE many_rows_of (a integer, b text);
INSERT INTO many_rows_of VALUES (1, 'x'), (2, 'y');
CREATE FUNCTION many_numbers(n integer) RETURNS SETOF integer LANGUAGE plpgsql ROWS 7 AS 'BEGIN RETURN QUERY SELECT generate_series(1, n); END';
CREATE FUNCTION many_rows() RETURNS SETOF many_rows_of LANGUAGE sql STABLE AS 'SELECT * FROM many_rows_of ORDER BY a';

-- kind: function returning a table
-- ask: SELECT * FROM table_of(2)
CREATE FUNCTION table_of(n integer, OUT doubled integer, OUT "as text" text) RETURNS SETOF record LANGUAGE sql AS 'SELECT n * 2, n::text';
CREATE FUNCTION table_clause(n integer) RETURNS TABLE (a integer, "b c" text) LANGUAGE sql AS 'SELECT n, n::text';

-- kind: function with out, inout and variadic arguments
-- ask: SELECT arguments_out(1, 2), arguments_variadic('x', 1, 2, 3), arguments_default()
CREATE FUNCTION arguments_out(IN a integer, INOUT b integer, OUT c text) LANGUAGE sql AS $$ SELECT a + b, 'c' $$;
CREATE FUNCTION arguments_variadic(prefix text, VARIADIC n integer[] DEFAULT '{}') RETURNS text LANGUAGE sql AS 'SELECT prefix || array_to_string(n, '','')';
CREATE FUNCTION arguments_default(a text DEFAULT 'it''s', b integer[] DEFAULT ARRAY[1, 2], c date DEFAULT '2024-01-01', d text DEFAULT NULL)
    RETURNS text LANGUAGE sql AS 'SELECT a || b::text || c';
CREATE FUNCTION arguments_nameless(integer, text) RETURNS text LANGUAGE sql AS 'SELECT $2 || $1';

-- kind: function polymorphic
-- ask: SELECT any_pair(1, 2), any_first(ARRAY['x']), any_common(1, 2.5), any_range(int4range(1, 5))
CREATE FUNCTION any_pair(anyelement, anyelement) RETURNS anyarray LANGUAGE sql AS 'SELECT ARRAY[$1, $2]';
CREATE FUNCTION any_first(anyarray) RETURNS anyelement LANGUAGE plpgsql AS 'BEGIN RETURN $1[1]; END';
CREATE FUNCTION any_common(anycompatible, anycompatible) RETURNS anycompatible LANGUAGE sql AS 'SELECT $1 + $2';
CREATE FUNCTION any_range(anyrange) RETURNS anyelement LANGUAGE sql AS 'SELECT lower($1)';

-- kind: function attributes
CREATE FUNCTION volatile_one() RETURNS integer LANGUAGE sql VOLATILE PARALLEL UNSAFE AS 'SELECT 1';
CREATE FUNCTION stable_one() RETURNS integer LANGUAGE sql STABLE PARALLEL RESTRICTED COST 5.5 AS 'SELECT 1';
CREATE FUNCTION immutable_one(integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'SELECT 1';
CREATE FUNCTION costly_many() RETURNS SETOF integer LANGUAGE plpgsql COST 1234 ROWS 77 AS 'BEGIN RETURN; END';
CREATE FUNCTION definers_one() RETURNS name LANGUAGE sql SECURITY DEFINER AS 'SELECT CURRENT_USER';

-- kind: function leakproof
-- superuser
-- ask: SELECT leaking_nothing(1), leaking_type('low'), leaking_atomic(2), "leaking; ""quoted"""(1, 2, 3), @own@.leaking_path()
CREATE TYPE leaking_mood AS ENUM ('low', 'high');
CREATE TABLE leaking_rows (a integer, b text);
INSERT INTO leaking_rows VALUES (1, 'x'), (2, 'y');
CREATE FUNCTION leaking_nothing(integer) RETURNS boolean LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT $1 > 0';
CREATE FUNCTION leaking_nothing(text, OUT a integer, OUT b text) LANGUAGE plpgsql LEAKPROOF STRICT AS 'BEGIN a := 1; b := $1; END';
CREATE FUNCTION leaking_type(leaking_mood) RETURNS leaking_mood[] LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT ARRAY[$1]';
CREATE FUNCTION leaking_row(leaking_rows[]) RETURNS SETOF leaking_rows LANGUAGE sql STABLE LEAKPROOF AS 'SELECT (unnest($1)).*';
CREATE FUNCTION leaking_atomic(a integer) RETURNS integer LANGUAGE sql IMMUTABLE LEAKPROOF RETURN a + 1;
CREATE FUNCTION "leaking; ""quoted"""(VARIADIC n integer[]) RETURNS integer LANGUAGE sql LEAKPROOF AS 'SELECT $1[1]';
CREATE FUNCTION leaking_path() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER LEAKPROOF SET search_path TO @own@ AS 'SELECT count(*) FROM @own@.leaking_rows';
COMMENT ON FUNCTION leaking_nothing(integer) IS 'tells nothing';
GRANT EXECUTE ON FUNCTION leaking_nothing(integer) TO @role@ WITH GRANT OPTION;
REVOKE EXECUTE ON FUNCTION leaking_atomic(integer) FROM PUBLIC;
CREATE VIEW leaking_seen WITH (security_barrier) AS SELECT a FROM leaking_rows WHERE leaking_nothing(a);

-- kind: function supported, in C and of a window
-- superuser
-- refusable
-- ask: SELECT numbered() OVER (ORDER BY a) FROM (VALUES (3), (4)) AS v (a)
CREATE FUNCTION supported(text, text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT SUPPORT textlike_support AS 'textlike';
CREATE FUNCTION numbered() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number';
CREATE FUNCTION in_c(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_validator';

-- kind: function with settings
-- ask: SELECT set_days(), set_memory()
CREATE FUNCTION set_days() RETURNS text LANGUAGE sql SET datestyle = 'German, DMY' SET timezone = 'Europe/Vienna' AS $$ SELECT date '2024-03-01'::text $$;
CREATE FUNCTION set_memory() RETURNS text LANGUAGE sql SET work_mem TO '7MB' SET enable_seqscan TO off AS $$ SELECT current_setting('work_mem') $$;
CREATE FUNCTION set_empty_path() RETURNS integer LANGUAGE sql SET search_path TO '' AS 'SELECT 1';

-- kind: function with a setting that only a superuser gives
-- superuser
-- refusable
-- ask: SELECT set_own_name()
CREATE FUNCTION set_own_name() RETURNS text LANGUAGE sql SET my.name TO 'it''s "x"; y' AS $$ SELECT current_setting('my.name') $$;

-- kind: function with search_path on its schema
-- ask: SET LOCAL search_path TO pg_catalog;; SELECT @own@.path_count(), @own@.path_count_with_temp(), @own@.path_quoted()
CREATE TABLE path_rows (a integer);
INSERT INTO path_rows VALUES (1), (2);
CREATE FUNCTION path_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path TO @own@ AS 'SELECT count(*) FROM path_rows';
CREATE FUNCTION path_count_with_temp() RETURNS bigint LANGUAGE plpgsql SET work_mem TO '5MB' SET search_path TO pg_catalog, @own@, pg_temp AS 'BEGIN RETURN (SELECT count(*) FROM path_rows); END';
CREATE FUNCTION path_quoted() RETURNS bigint LANGUAGE sql SET search_path TO "$user", "@own@", public AS 'SELECT count(*) FROM path_rows';

-- kind: function whose sql body names its schema
-- ask: SET LOCAL search_path TO pg_catalog;; SELECT @own@.named_in_sql('x'), @own@.named_in_sql_quoted()
CREATE TYPE named_mood AS ENUM ('low', 'high');
CREATE TABLE named_rows (a integer, m named_mood);
INSERT INTO named_rows VALUES (1, 'low'), (2, 'high');
CREATE FUNCTION named_rows_of(integer) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM @own@.named_rows WHERE a = $1';
CREATE FUNCTION named_in_sql(text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT $1 || count(*) || max(r.m) FROM @own@.named_rows AS r WHERE r.m > 'low'::@own@.named_mood AND @own@.named_rows_of(r.a) > 0
$$;
CREATE FUNCTION named_in_sql_quoted() RETURNS bigint LANGUAGE sql AS 'INSERT INTO "@own@"."named_rows" VALUES (3); SELECT count(*) FROM "@own@".named_rows';

-- kind: function whose plpgsql body names its schema
-- ask: SET LOCAL search_path TO pg_catalog;; SELECT @own@.named_in_plpgsql(2)
CREATE TABLE named_more (a integer, b text);
INSERT INTO named_more VALUES (1, 'one'), (2, 'two');
CREATE FUNCTION named_in_plpgsql(n integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    one @own@.named_more%ROWTYPE;
    told @own@.named_more.b%TYPE := '';
    found CURSOR FOR SELECT b FROM @own@.named_more ORDER BY a;
BEGIN
    SELECT * INTO one FROM @own@.named_more WHERE a = n;
    FOR told IN SELECT b FROM @own@.named_more ORDER BY a LOOP
        one.b := one.b || told;
    END LOOP;
    UPDATE @own@.named_more SET b = b || '!' WHERE a = n;
    IF EXISTS (SELECT 1 FROM @own@.named_more WHERE a = n) THEN
        PERFORM @own@.named_helper(n);
    END IF;
    RETURN one.b || @own@.named_helper(n);
END
$$;
CREATE FUNCTION named_helper(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 + 1';

-- kind: function whose body names a sequence of its schema
-- ask: SET LOCAL search_path TO pg_catalog;; SELECT @own@.named_draw(), @own@.named_draw_by_plpgsql()
CREATE SEQUENCE named_sequence START 5;
CREATE FUNCTION named_draw() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('@own@.named_sequence') $$;
CREATE FUNCTION named_draw_by_plpgsql() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN nextval('@own@.named_sequence'::regclass); END $$;

-- kind: function whose body has its schema's name as data
-- refusable
-- ask: SELECT name_as_data(), name_as_data_by_plpgsql()
CREATE FUNCTION name_as_data() RETURNS text LANGUAGE sql AS $$ SELECT 'of @schema@; @schema@_x'::text $$;
CREATE FUNCTION name_as_data_by_plpgsql() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'in @schema@'; END $$;

-- kind: function of the sql standard's form
-- ask: SET LOCAL search_path TO pg_catalog;; SELECT @own@.atomic_count(1), @own@.atomic_return(4), (@own@.atomic_row()).b
CREATE TYPE atomic_mood AS ENUM ('low', 'high');
CREATE TABLE atomic_rows (a integer PRIMARY KEY, b text, m atomic_mood DEFAULT 'low');
INSERT INTO atomic_rows VALUES (1, 'one'), (2, 'two');
CREATE VIEW atomic_seen AS SELECT a, b, m FROM atomic_rows WHERE a > 0;
CREATE FUNCTION atomic_count(lowest integer) RETURNS bigint LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT count(*) FROM atomic_seen AS s JOIN atomic_rows AS r USING (a) WHERE s.a >= lowest AND r.m = 'low'::atomic_mood AND s.b <> '@schema@';
END;
CREATE FUNCTION atomic_return(n integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN CASE WHEN n > 3 THEN 'high' ELSE 'low' END;
CREATE FUNCTION atomic_row() RETURNS atomic_rows LANGUAGE sql BEGIN ATOMIC SELECT r.* FROM atomic_rows AS r ORDER BY atomic_count(r.a) LIMIT 1; END;
CREATE PROCEDURE atomic_change(n integer) LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO atomic_rows VALUES (n, 'new') ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b || atomic_rows.b RETURNING a;
    UPDATE atomic_rows SET m = 'high' WHERE a = n;
    DELETE FROM atomic_rows USING atomic_seen AS s WHERE s.a = atomic_rows.a AND s.a = 99;
END;

-- kind: function of the standard's form that needs a primary key
-- ask: SELECT * FROM atomic_grouped() ORDER BY 1
CREATE TABLE atomic_keyed (a integer PRIMARY KEY, b text);
INSERT INTO atomic_keyed VALUES (1, 'one'), (2, 'two');
CREATE FUNCTION atomic_grouped() RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC SELECT b || count(*) FROM atomic_keyed GROUP BY a; END;

-- kind: function returning types of its own
-- ask: SELECT own_enum(), own_domain(), own_array(), own_composite(), own_row(), own_range()
CREATE TYPE returned_mood AS ENUM ('low', 'high');
CREATE DOMAIN returned_domain AS integer CHECK (VALUE > 0);
CREATE TYPE returned_pair AS (m returned_mood, n integer);
CREATE TYPE returned_range AS RANGE (SUBTYPE = returned_mood);
CREATE TABLE returned_row (a returned_pair, b returned_domain);
INSERT INTO returned_row VALUES (('high', 1), 2);
CREATE FUNCTION own_enum(m returned_mood DEFAULT 'high') RETURNS returned_mood LANGUAGE sql AS 'SELECT m';
CREATE FUNCTION own_domain() RETURNS returned_domain LANGUAGE sql AS 'SELECT 5';
CREATE FUNCTION own_array(VARIADIC returned_mood[] DEFAULT '{low}') RETURNS returned_mood[] LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION own_composite() RETURNS returned_pair LANGUAGE plpgsql AS $$ BEGIN RETURN ROW('low'::returned_mood, 3); END $$;
CREATE FUNCTION own_row() RETURNS returned_row LANGUAGE sql AS 'SELECT * FROM returned_row';
CREATE FUNCTION own_range() RETURNS returned_range LANGUAGE sql AS $$ SELECT '[low,high)'::returned_range $$;
CREATE FUNCTION own_out(INOUT r returned_row, OUT m returned_mood[]) LANGUAGE sql AS $$ SELECT r, '{low}'::returned_mood[] $$;

-- kind: functions of one name
-- ask: SELECT overloaded(), overloaded(1), overloaded('x'), overloaded('low'::overload_mood), overloaded(1, 'x')
CREATE TYPE overload_mood AS ENUM ('low');
CREATE FUNCTION overloaded() RETURNS text LANGUAGE sql AS $$ SELECT 'none'::text $$;
CREATE FUNCTION overloaded(integer) RETURNS text LANGUAGE sql AS $$ SELECT 'integer'::text $$;
CREATE FUNCTION overloaded(text) RETURNS text LANGUAGE sql AS $$ SELECT 'text'::text $$;
CREATE FUNCTION overloaded(overload_mood) RETURNS text LANGUAGE sql AS $$ SELECT 'mood'::text $$;
CREATE FUNCTION overloaded(integer, text) RETURNS text LANGUAGE sql AS $$ SELECT 'both'::text $$;
COMMENT ON FUNCTION overloaded(integer, text) IS 'of both';

-- kind: functions that need each other
-- ask: SELECT mutual_even(10)
CREATE FUNCTION mutual_odd(integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN $1 <> 0 AND mutual_even($1 - 1); END';
CREATE FUNCTION mutual_even(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 = 0 OR mutual_odd($1 - 1)';
CREATE OR REPLACE FUNCTION mutual_odd(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 <> 0 AND mutual_even($1 - 1)';

-- kind: function whose table is there no more
CREATE TABLE no_more (a integer);
CREATE FUNCTION of_no_more() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM no_more';
DROP TABLE no_more;

-- kind: function with a default by a function
-- ask: SELECT default_outer()
CREATE TYPE default_mood AS ENUM ('low', 'high');
CREATE FUNCTION default_inner(default_mood) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1::text || 1';
CREATE FUNCTION default_outer(a text DEFAULT default_inner('high')) RETURNS text LANGUAGE sql AS 'SELECT a';

-- kind: function and view that need each other
-- ask: SELECT * FROM needing_view
CREATE VIEW needing_view AS SELECT 1 AS a, NULL::text AS b;
CREATE FUNCTION needing_function(needing_view) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'f' || $1.a $$;
CREATE OR REPLACE VIEW needing_view AS SELECT v.a, needing_function(ROW(v.a, NULL)::needing_view) AS b FROM (VALUES (1), (2)) AS v (a);

-- kind: event trigger function
CREATE FUNCTION on_event() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'went by'; END $$;

-- kind: procedure
-- ask: CALL noting('a');; SELECT * FROM notes
-- ask: CALL noting_and_telling(4, NULL, NULL)
CREATE TABLE notes (a text);
CREATE PROCEDURE noting(a text, b integer DEFAULT 2) LANGUAGE sql AS 'INSERT INTO notes VALUES (a), (b::text)';
CREATE PROCEDURE noting_and_telling(a integer, INOUT told text, OUT more integer) LANGUAGE plpgsql SECURITY DEFINER
    AS $$ BEGIN INSERT INTO @own@.notes VALUES ('plpgsql'); told := a::text; more := a + 1; END $$;
CREATE PROCEDURE noting_by_commit() LANGUAGE plpgsql AS 'BEGIN INSERT INTO notes VALUES (1); COMMIT; END';

-- kind: what depends on an extension
CREATE TABLE depending (a integer);
CREATE INDEX depending_a ON depending (a);
ALTER INDEX depending_a DEPENDS ON EXTENSION plpgsql;
CREATE FUNCTION depending_function() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
ALTER FUNCTION depending_function() DEPENDS ON EXTENSION plpgsql;
CREATE TRIGGER depending_trigger BEFORE INSERT ON depending FOR EACH ROW EXECUTE FUNCTION depending_function();
ALTER TRIGGER depending_trigger ON depending DEPENDS ON EXTENSION plpgsql;
CREATE MATERIALIZED VIEW depending_rows AS SELECT a FROM depending;
ALTER MATERIALIZED VIEW depending_rows DEPENDS ON EXTENSION plpgsql;

-- kind: aggregate
-- ask: SELECT total(a), joined(a::text, '-' ORDER BY a), counted_all(*) FROM (VALUES (1), (2)) AS v (a)
CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '100', PARALLEL = SAFE, COMBINEFUNC = int4pl);
CREATE FUNCTION joined_step(text, text, text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce($1 || $3, '') || $2 $$;
CREATE FUNCTION joined_end(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '<' || $1 || '>' $$;
CREATE AGGREGATE joined(text, separator text) (SFUNC = joined_step, STYPE = text, FINALFUNC = joined_end, FINALFUNC_MODIFY = SHAREABLE, SSPACE = 512);
CREATE AGGREGATE counted_all(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');

-- kind: aggregate that moves
-- ask: SELECT moving_sum(a) OVER (ORDER BY a ROWS 1 PRECEDING) FROM (VALUES (1), (2), (3)) AS v (a)
CREATE FUNCTION moving_forward(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 + $2';
CREATE FUNCTION moving_back(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 - $2';
CREATE FUNCTION moving_end(integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 * 10';
CREATE AGGREGATE moving_sum(integer) (
    SFUNC = moving_forward, STYPE = integer, INITCOND = '0', FINALFUNC = moving_end,
    MSFUNC = moving_forward, MINVFUNC = moving_back, MSTYPE = integer, MINITCOND = '0', MFINALFUNC = moving_end, MFINALFUNC_MODIFY = READ_ONLY, MSSPACE = 64
);

-- kind: aggregate of ordered sets
-- ask: SELECT middle(0.5) WITHIN GROUP (ORDER BY a), ranked(2) WITHIN GROUP (ORDER BY a) FROM (VALUES (1::float8), (2), (3)) AS v (a)
-- superuser
-- refusable
CREATE AGGREGATE middle(float8 ORDER BY float8) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_cont_float8_final);
CREATE AGGREGATE ranked(VARIADIC "any" ORDER BY VARIADIC "any") (
    SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, FINALFUNC_MODIFY = READ_WRITE, HYPOTHETICAL
);

-- kind: aggregate of an order and of types of its own
-- ask: SELECT least_of(a), last_mood(m) FROM (VALUES (2, 'low'::aggregate_mood), (1, 'high')) AS v (a, m)
CREATE TYPE aggregate_mood AS ENUM ('low', 'high');
CREATE FUNCTION least_step(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT least($1, $2)';
CREATE AGGREGATE least_of(integer) (SFUNC = least_step, STYPE = integer, SORTOP = <);
CREATE FUNCTION last_mood_step(aggregate_mood, aggregate_mood) RETURNS aggregate_mood LANGUAGE sql IMMUTABLE AS 'SELECT $2';
CREATE AGGREGATE last_mood(aggregate_mood) (SFUNC = last_mood_step, STYPE = aggregate_mood);
CREATE AGGREGATE all_of(anycompatiblearray) (SFUNC = array_cat, STYPE = anycompatiblearray, INITCOND = '{}');
CREATE FUNCTION sum_step(integer, VARIADIC integer[]) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + (SELECT sum(n) FROM unnest($2) AS n)::integer';
CREATE AGGREGATE sum_of_many(VARIADIC many integer[]) (SFUNC = sum_step, STYPE = integer, INITCOND = '0');
CREATE VIEW aggregated AS SELECT last_mood(m ORDER BY m) AS m, least_of(a) FILTER (WHERE a > 0) AS a FROM (VALUES (2, 'low'::aggregate_mood)) AS v (a, m);

-- kind: function whose body sets a search_path
-- ask: SELECT path_setter()
CREATE TABLE path_set_rows (a integer);
INSERT INTO path_set_rows VALUES (5);
CREATE FUNCTION path_setter() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path TO @own@; RETURN (SELECT sum(a) FROM path_set_rows); END $$;

-- kind: function whose body sets a list as search_path
-- ask: SELECT path_setter2()
CREATE TABLE path_set_rows2 (a integer);
INSERT INTO path_set_rows2 VALUES (5);
CREATE FUNCTION path_setter2() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = @own@, public; RETURN (SELECT sum(a) FROM path_set_rows2); END $$;

-- kind: function that sets search_path by a function
-- ask: SELECT path_setter3()
CREATE TABLE path_set_rows3 (a integer);
INSERT INTO path_set_rows3 VALUES (5);
CREATE FUNCTION path_setter3() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', '@own@, public', true); RETURN (SELECT sum(a) FROM path_set_rows3); END $$;
