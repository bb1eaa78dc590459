-- What the directory tells and hears.

-- name: tell
SELECT pg_notify($1, '');
