INSERT INTO twinbase.quota (platform_id, uid, resource, most) VALUES (1, 'u1', 'databases', 100);
INSERT INTO twinbase.database_usage (database_id, tables, rows, bytes)
VALUES (4000000001, 2, 4, 16384);
INSERT INTO twinbase.statement_bucket (platform_id, uid, tokens, granted) VALUES (1, 'u1', 5, 0);
