-- kind: default privileges
-- Last, since what is made afterwards is given them.
CREATE TABLE defaults_before (a integer);
CREATE FUNCTION defaults_function_before() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE defaults_sequence_before;
CREATE TYPE defaults_type_before AS ENUM ('x');
ALTER DEFAULT PRIVILEGES IN SCHEMA @own@ GRANT SELECT ON TABLES TO @role@ WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES IN SCHEMA @own@ GRANT INSERT, UPDATE ON TABLES TO @other@;
ALTER DEFAULT PRIVILEGES IN SCHEMA @own@ GRANT USAGE ON SEQUENCES TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA @own@ GRANT EXECUTE ON FUNCTIONS TO @role@;
ALTER DEFAULT PRIVILEGES IN SCHEMA @own@ GRANT USAGE ON TYPES TO @role@;
CREATE TABLE defaults_after (a serial);
CREATE FUNCTION defaults_function_after() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TYPE defaults_type_after AS ENUM ('x');
CREATE VIEW defaults_seen_after AS SELECT a FROM defaults_after;

-- kind: default privileges of another role
-- superuser
-- refusable
ALTER DEFAULT PRIVILEGES FOR ROLE @other@ IN SCHEMA @own@ GRANT SELECT ON TABLES TO @role@;
