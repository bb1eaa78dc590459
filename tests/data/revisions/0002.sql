INSERT INTO twinbase.ddl_history (database_id, environments, statement, uid, sid)
VALUES (4000000001, '{prod,test}', 'CREATE TABLE t (word text)', 'u1', 'tb-1');
