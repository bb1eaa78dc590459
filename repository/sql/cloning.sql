-- What keeps the source of a clone as it is while others copy it.

-- name: stay
-- However long the others take.
SET LOCAL idle_in_transaction_session_timeout TO 0

-- name: export_snapshot
SELECT pg_export_snapshot()

-- name: need_not_last
-- Of a step: what is lost with the server is made anew. The transaction that ends the clone waits until
-- it is on disk, and with it all that was before.
SET LOCAL synchronous_commit TO off
