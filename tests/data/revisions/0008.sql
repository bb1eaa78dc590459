INSERT INTO twinbase.audit (platform_id, platform_name, uid, sid, verb, database_id, code, outcome)
VALUES (1, 'default', 'u1', 'tb-1', 'exec_ddl', 4000000001, 0, 'done');
