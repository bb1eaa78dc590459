-- What requests are running; a request's application_name is its label.

-- name: cancel
-- How many of the label $1 were told to stop.
SELECT count(*) FILTER (WHERE pg_cancel_backend(pid))
FROM pg_stat_activity
WHERE application_name = $1 AND state = 'active' AND datname = current_database();
