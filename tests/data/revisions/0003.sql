-- One that has ended; none is under way, so that workers of the test have nothing to take over.
INSERT INTO twinbase.operation (id, kind, status, database_id, request, uid, sid, finished_at)
VALUES (5000000001, 'drop_database', 'succeeded', 4000000002, '{}', 'u2', 'tb-2', now());
INSERT INTO twinbase.operation_attempt VALUES (5000000001, 1);
