-- Figures of requests, by the minute and by the hour, and of operations.

-- name: add
-- The batch $2 of the worker $1: all of it or, where it is among the figures already, nothing. In
-- one order, so that no two workers wait for each other. Buckets are put behind those that are
-- there, and added up once there are many of them: adding them up each time takes three times as
-- long.
WITH mine AS (
    INSERT INTO twinbase.statistics_writer AS w (id, batch) VALUES ($1, $2)
    ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, update_at = now()
    WHERE w.batch < excluded.batch
    RETURNING id
)
INSERT INTO twinbase.request_statistics AS r (
    span, moment, platform_id, verb, code,
    requests, seconds, rows_in, rows_out, bytes_in, bytes_out, buckets, numbers
)
SELECT
    length.span, date_trunc(length.unit, now(), 'UTC'), c.platform_id, c.verb, c.code,
    c.requests, c.seconds, c.rows_in, c.rows_out, c.bytes_in, c.bytes_out, c.buckets, c.numbers
FROM mine
CROSS JOIN json_to_recordset($3::text::json) AS c (
    platform_id bigint, verb text, code integer, requests bigint, seconds double precision,
    rows_in bigint, rows_out bigint, bytes_in bigint, bytes_out bigint,
    buckets smallint[], numbers integer[]
)
CROSS JOIN (VALUES (60, 'minute'), (3600, 'hour')) AS length (span, unit)
ORDER BY length.span, c.platform_id, c.verb, c.code
ON CONFLICT (span, moment, platform_id, verb, code) DO UPDATE SET
    requests = r.requests + excluded.requests,
    seconds = r.seconds + excluded.seconds,
    rows_in = r.rows_in + excluded.rows_in,
    rows_out = r.rows_out + excluded.rows_out,
    bytes_in = r.bytes_in + excluded.bytes_in,
    bytes_out = r.bytes_out + excluded.bytes_out,
    (buckets, numbers) = (
        SELECT r.buckets || excluded.buckets, r.numbers || excluded.numbers
        WHERE cardinality(r.buckets) < 64
        UNION ALL
        SELECT array_agg(h.bucket), array_agg(h.number)
        FROM (
            SELECT entry.bucket, sum(entry.number)::integer AS number
            FROM unnest(r.buckets || excluded.buckets, r.numbers || excluded.numbers)
                AS entry (bucket, number)
            GROUP BY entry.bucket
        ) AS h
        HAVING cardinality(r.buckets) >= 64
    );

-- name: kept
-- Where it was once decided to keep less, there is less.
SELECT
    now()::text AS now,  -- with parts of a second
    greatest(
        date_trunc('hour', now() - $1::double precision * interval '1 second', 'UTC'),
        (SELECT k.since FROM twinbase.statistics_kept AS k WHERE k.span = 60)
    ) AS minutes_since,
    greatest(
        date_trunc('hour', now() - $2::double precision * interval '1 second', 'UTC'),
        (SELECT k.since FROM twinbase.statistics_kept AS k WHERE k.span = 3600)
    ) AS hours_since;

-- name: lines
-- From the minute $1 on, by the hour between $2 and $3, until the minute $4; in points of $5
-- seconds, NULL: in one. Of the platform $6, of the verb $7. Grouped by verb or, where $8, by
-- platform. At most $9.
WITH line AS (
    SELECT
        coalesce(floor(
            extract(epoch FROM r.moment - $1::text::timestamptz) / $5::integer
        )::integer, 0) AS point,
        CASE WHEN $8::boolean THEN r.platform_id ELSE 0 END AS platform,
        CASE WHEN $8::boolean THEN '' ELSE r.verb END AS verb,
        r.code, r.requests, r.seconds, r.rows_in, r.rows_out, r.bytes_in, r.bytes_out,
        r.buckets, r.numbers
    FROM (
        SELECT * FROM twinbase.request_statistics
        WHERE span = 60 AND moment >= $1::text::timestamptz AND moment < $2::text::timestamptz
        UNION ALL
        SELECT * FROM twinbase.request_statistics
        WHERE span = 3600 AND moment >= $2::text::timestamptz AND moment < $3::text::timestamptz
        UNION ALL
        SELECT * FROM twinbase.request_statistics
        WHERE span = 60 AND moment >= $3::text::timestamptz AND moment < $4::text::timestamptz
    ) AS r
    WHERE ($6::bigint IS NULL OR r.platform_id = $6) AND ($7::text IS NULL OR r.verb = $7)
), counted AS (
    SELECT
        point, platform, verb, code,
        sum(requests)::bigint AS requests, sum(seconds) AS seconds,
        sum(rows_in)::bigint AS rows_in, sum(rows_out)::bigint AS rows_out,
        sum(bytes_in)::bigint AS bytes_in, sum(bytes_out)::bigint AS bytes_out
    FROM line
    GROUP BY point, platform, verb, code
    LIMIT $9
), bucket AS (
    SELECT point, platform, verb, code, bucket, sum(number)::bigint AS number
    FROM (
        -- Not in FROM, where it takes twice as long.
        SELECT point, platform, verb, code, unnest(buckets) AS bucket, unnest(numbers) AS number
        FROM line
    ) AS entry
    GROUP BY point, platform, verb, code, bucket
), histogram AS (
    SELECT
        point, platform, verb, code, array_agg(bucket) AS buckets, array_agg(number) AS numbers
    FROM bucket
    GROUP BY point, platform, verb, code
)
SELECT
    c.point, coalesce(nullif(c.verb, ''), p.name) AS "group", c.code, c.requests, c.seconds,
    c.rows_in, c.rows_out, c.bytes_in, c.bytes_out, h.buckets, h.numbers
FROM counted AS c
JOIN histogram AS h USING (point, platform, verb, code)
LEFT JOIN twinbase.platform AS p ON p.id = c.platform
ORDER BY c.point, "group", c.code;

-- name: operations
-- That ended from $1 until before $2, of the platform $3, of the kind $4.
SELECT
    o.kind::text, o.status::text, sum(o.number)::bigint AS number,
    sum(o.seconds) / nullif(sum(o.started), 0) AS mean_seconds
FROM (
    SELECT
        o.platform_id, o.kind, o.status, 1 AS number, (o.started_at IS NOT NULL)::integer AS started,
        coalesce(extract(epoch FROM o.finished_at - o.started_at), 0)::double precision AS seconds
    FROM twinbase.operation AS o
    WHERE o.finished_at >= $1::text::timestamptz AND o.finished_at < $2::text::timestamptz
    UNION ALL
    SELECT s.platform_id, s.kind, s.status, s.number, s.started, s.seconds
    FROM twinbase.operation_statistics AS s
    WHERE s.moment >= $1::text::timestamptz AND s.moment < $2::text::timestamptz
) AS o
WHERE ($3::bigint IS NULL OR o.platform_id = $3) AND ($4::text IS NULL OR o.kind::text = $4)
GROUP BY o.kind, o.status
ORDER BY o.kind, o.status;

-- name: is_alone
-- Whether nobody else is forgetting, and then until this transaction ends.
SELECT pg_try_advisory_xact_lock($1) AS alone;

-- name: forget
-- The oldest rows of the span $1 that are older than $2 seconds, at most $3; and since when there
-- are rows.
WITH old AS (
    SELECT r.ctid AS place
    FROM twinbase.request_statistics AS r
    WHERE r.span = $1
      AND r.moment < date_trunc('hour', now() - $2::double precision * interval '1 second', 'UTC')
    ORDER BY r.moment
    LIMIT $3
), gone AS (
    DELETE FROM twinbase.request_statistics AS r USING old WHERE r.ctid = old.place
    RETURNING r.moment
), told AS (
    INSERT INTO twinbase.statistics_kept AS k (span, since)
    SELECT $1, date_trunc('hour', max(gone.moment), 'UTC') + interval '1 hour'
    FROM gone
    HAVING count(*) > 0
    ON CONFLICT (span) DO UPDATE SET since = greatest(k.since, excluded.since)
)
SELECT count(*) AS forgotten FROM gone;

-- name: forget_operations
WITH old AS (
    SELECT s.ctid AS place
    FROM twinbase.operation_statistics AS s
    WHERE s.moment < date_trunc('hour', now() - $1::double precision * interval '1 second', 'UTC')
    LIMIT $2
), gone AS (
    DELETE FROM twinbase.operation_statistics AS s USING old WHERE s.ctid = old.place RETURNING true
)
SELECT count(*) AS forgotten FROM gone;

-- name: forget_writers
-- That have written nothing for a day, and so have been stopped.
DELETE FROM twinbase.statistics_writer WHERE update_at < now() - interval '1 day';
