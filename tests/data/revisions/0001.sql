-- A database as the first release made it, with a row in each schema, and one that was dropped.
INSERT INTO twinbase.database_meta (id, uid, name, space_id, create_by, update_by)
VALUES (4000000001, 'u1', 'orders', NULL, 'u1', 'u1'), (4000000002, 'u2', 'gone', '7', 'u2', 'u2');
UPDATE twinbase.database_meta SET status = 'dropped', deleted_at = now() WHERE id = 4000000002;
INSERT INTO twinbase.schema_meta (database_id, environment, schema_name, create_by, update_by)
VALUES (4000000001, 'prod', 'prod_4000000001', 'u1', 'u1'),
       (4000000001, 'test', 'test_4000000001', 'u1', 'u1');
DO $$
DECLARE
    schema text;
BEGIN
    FOREACH schema IN ARRAY ARRAY['prod_4000000001', 'test_4000000001'] LOOP
        EXECUTE format(
            'CREATE SCHEMA %1$I AUTHORIZATION twinbase_owner;'
            'GRANT USAGE ON SCHEMA %1$I TO twinbase_dml;'
            'CREATE TABLE %1$I.t (id bigint PRIMARY KEY, uid varchar NOT NULL, word text);'
            'CREATE INDEX t_uid ON %1$I.t (uid);'
            'ALTER TABLE %1$I.t OWNER TO twinbase_owner;'
            'ALTER TABLE %1$I.t ENABLE ROW LEVEL SECURITY;'
            'CREATE POLICY twinbase_rows ON %1$I.t TO twinbase_dml'
            ' USING (current_setting(''twinbase.schema'', true) = %1$L AND uid IN'
            ' (current_setting(''twinbase.uid'', true), current_setting(''twinbase.app_uid'', true)))'
            ' WITH CHECK (current_setting(''twinbase.schema'', true) = %1$L AND uid IN'
            ' (current_setting(''twinbase.uid'', true), current_setting(''twinbase.app_uid'', true)));'
            'CREATE TRIGGER twinbase_stamp BEFORE INSERT OR UPDATE ON %1$I.t'
            ' FOR EACH ROW EXECUTE FUNCTION twinbase.stamp_row(''none'', ''none'');'
            'GRANT SELECT, INSERT, UPDATE, DELETE ON %1$I.t TO twinbase_dml',
            schema
        );
        PERFORM set_config('twinbase.app_uid', 'app01:u1', true);
        EXECUTE format('INSERT INTO %I.t (word) VALUES (%L), (NULL)', schema, schema);
    END LOOP;
END
$$;
