-- One request of a tenant: everything that holds until its transaction ends, and no longer.

-- name: process_id
SELECT pg_backend_pid()

-- name: begin
BEGIN

-- name: set_up
-- $1 statement_timeout, $2 lock_timeout: milliseconds; $8: 'on', or nothing for what holds anyway;
-- $9: the role that its rows need, from where on nothing more can be set. Of a function's arguments
-- no text can become SQL.
SELECT
    set_config('statement_timeout', $1, true),
    set_config('lock_timeout', $2, true),
    set_config('application_name', $3, true),
    set_config('search_path', $4, true),
    set_config('twinbase.schema', $5, true),
    set_config('twinbase.uid', $6, true),
    set_config('twinbase.app_uid', $7, true),
    set_config(
        'transaction_read_only',
        coalesce(nullif($8, ''), current_setting('transaction_read_only')),
        true
    ),
    set_config('role', $9, true)

-- name: memory
-- What this session has taken of the server's memory, in bytes.
SELECT sum(total_bytes)::bigint FROM pg_get_backend_memory_contexts()
