-- The history of DDL: what was run on a database, statement by statement.

-- name: add_ddl
-- Ids are in the order of the statements, also where the sequence behind them comes round.
INSERT INTO twinbase.ddl_history (id, database_id, environments, statement, uid, space_id, sid)
SELECT
    line.id,
    $1::bigint,
    $2::text[]::twinbase.environment[],
    line.statement,
    $4::text,
    $5::text,
    $6::text
FROM unnest(
    ARRAY(SELECT twinbase.next_id() FROM generate_series(1, cardinality($3::text[])) ORDER BY 1),
    $3::text[]
) AS line (id, statement);

-- name: list_ddl
-- The newest $3 statements before $2, of which those are shown whose texts have $4 bytes together;
-- the first in any case. ``found``: how many there are without that bound.
SELECT id, statement, environments::text[] AS environments, uid, space_id, sid, create_at, found
FROM (
    SELECT
        newest.*,
        count(*) OVER () AS found,
        row_number() OVER (ORDER BY newest.id DESC) AS place,
        sum(octet_length(newest.statement)) OVER (ORDER BY newest.id DESC) AS bytes
    FROM (
        SELECT *
        FROM twinbase.ddl_history
        WHERE database_id = $1 AND ($2::bigint IS NULL OR id < $2)
        ORDER BY id DESC
        LIMIT $3
    ) AS newest
) AS measured
WHERE place = 1 OR bytes <= $4
ORDER BY id DESC;
