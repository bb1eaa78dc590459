INSERT INTO twinbase.request_statistics (
    span, moment, platform_id, verb, code, requests, seconds, rows_in, rows_out, bytes_in,
    bytes_out, buckets, numbers
)
VALUES (60, date_trunc('hour', now()), 1, 'exec_dml', 0, 3, 0.01, 1, 2, 300, 400, '{3}', '{3}');
INSERT INTO twinbase.operation_statistics
VALUES (date_trunc('hour', now()), 1, 'drop_database', 'succeeded', 1, 1, 0.2);
