-- What keeps the source of a clone as it is while others copy it.

-- name: stay
-- However long the others take.
SET LOCAL idle_in_transaction_session_timeout TO 0

-- name: export_snapshot
SELECT pg_export_snapshot()
