-- Source: pg-boss 10.4.2 (schema 24), what create() of src/plans.js returns, https://github.com/timgit/pg-boss
--
-- Changed:
-- - made for the schema @schema@;
-- - the transaction, its settings and lock, and CREATE SCHEMA are left out.
--
-- Licence:
--
-- The MIT License (MIT)
--
-- Copyright (c) 2016 Tim Jones
--
-- Permission is hereby granted, free of charge, to any person obtaining a copy
-- of this software and associated documentation files (the "Software"), to deal
-- in the Software without restriction, including without limitation the rights
-- to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
-- copies of the Software, and to permit persons to whom the Software is
-- furnished to do so, subject to the following conditions:
--
-- The above copyright notice and this permission notice shall be included in all
-- copies or substantial portions of the Software.
--
-- THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
-- IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
-- FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
-- AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
-- LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
-- OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
-- SOFTWARE.

CREATE TYPE @schema@.job_state AS ENUM (
      'created',
      'retry',
      'active',
      'completed',
      'cancelled',
      'failed'
    )
  ;

    CREATE TABLE @schema@.version (
      version int primary key,
      maintained_on timestamp with time zone,
      cron_on timestamp with time zone,
      monitored_on timestamp with time zone
    )
  ;

    CREATE TABLE @schema@.queue (
      name text,
      policy text,
      retry_limit int,
      retry_delay int,
      retry_backoff bool,
      expire_seconds int,
      retention_minutes int,
      dead_letter text REFERENCES @schema@.queue (name),
      partition_name text,
      created_on timestamp with time zone not null default now(),
      updated_on timestamp with time zone not null default now(),
      PRIMARY KEY (name)
    )
  ;

    CREATE TABLE @schema@.schedule (
      name text REFERENCES @schema@.queue ON DELETE CASCADE,
      cron text not null,
      timezone text,
      data jsonb,
      options jsonb,
      created_on timestamp with time zone not null default now(),
      updated_on timestamp with time zone not null default now(),
      PRIMARY KEY (name)
    )
  ;

    CREATE TABLE @schema@.subscription (
      event text not null,
      name text not null REFERENCES @schema@.queue ON DELETE CASCADE,
      created_on timestamp with time zone not null default now(),
      updated_on timestamp with time zone not null default now(),
      PRIMARY KEY(event, name)
    )
  ;

    CREATE TABLE @schema@.job (
      id uuid not null default gen_random_uuid(),
      name text not null,
      priority integer not null default(0),
      data jsonb,
      state @schema@.job_state not null default('created'),
      retry_limit integer not null default(2),
      retry_count integer not null default(0),
      retry_delay integer not null default(0),
      retry_backoff boolean not null default false,
      start_after timestamp with time zone not null default now(),
      started_on timestamp with time zone,
      singleton_key text,
      singleton_on timestamp without time zone,
      expire_in interval not null default interval '15 minutes',
      created_on timestamp with time zone not null default now(),
      completed_on timestamp with time zone,
      keep_until timestamp with time zone NOT NULL default now() + interval '14 days',
      output jsonb,
      dead_letter text,
      policy text
    ) PARTITION BY LIST (name)
  ;
ALTER TABLE @schema@.job ADD PRIMARY KEY (name, id);
CREATE TABLE @schema@.archive (LIKE @schema@.job);
ALTER TABLE @schema@.archive ADD PRIMARY KEY (name, id);
ALTER TABLE @schema@.archive ADD archived_on timestamptz NOT NULL DEFAULT now();
CREATE INDEX archive_i1 ON @schema@.archive(archived_on);

    CREATE FUNCTION @schema@.create_queue(queue_name text, options json)
    RETURNS VOID AS
    $$
    DECLARE
      table_name varchar := 'j' || encode(sha224(queue_name::bytea), 'hex');
      queue_created_on timestamptz;
    BEGIN

      WITH q as (
      INSERT INTO @schema@.queue (
        name,
        policy,
        retry_limit,
        retry_delay,
        retry_backoff,
        expire_seconds,
        retention_minutes,
        dead_letter,
        partition_name
      )
      VALUES (
        queue_name,
        options->>'policy',
        (options->>'retryLimit')::int,
        (options->>'retryDelay')::int,
        (options->>'retryBackoff')::bool,
        (options->>'expireInSeconds')::int,
        (options->>'retentionMinutes')::int,
        options->>'deadLetter',
        table_name
      )
      ON CONFLICT DO NOTHING
      RETURNING created_on
      )
      SELECT created_on into queue_created_on from q;

      IF queue_created_on IS NULL THEN
        RETURN;
      END IF;

      EXECUTE format('CREATE TABLE @schema@.%I (LIKE @schema@.job INCLUDING DEFAULTS)', table_name);

      EXECUTE format('ALTER TABLE @schema@.%1$I ADD PRIMARY KEY (name, id)', table_name);
      EXECUTE format('ALTER TABLE @schema@.%1$I ADD CONSTRAINT q_fkey FOREIGN KEY (name) REFERENCES @schema@.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED', table_name);
      EXECUTE format('ALTER TABLE @schema@.%1$I ADD CONSTRAINT dlq_fkey FOREIGN KEY (dead_letter) REFERENCES @schema@.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED', table_name);
      EXECUTE format('CREATE UNIQUE INDEX %1$s_i1 ON @schema@.%1$I (name, COALESCE(singleton_key, '''')) WHERE state = ''created'' AND policy = ''short''', table_name);
      EXECUTE format('CREATE UNIQUE INDEX %1$s_i2 ON @schema@.%1$I (name, COALESCE(singleton_key, '''')) WHERE state = ''active'' AND policy = ''singleton''', table_name);
      EXECUTE format('CREATE UNIQUE INDEX %1$s_i3 ON @schema@.%1$I (name, state, COALESCE(singleton_key, '''')) WHERE state <= ''active'' AND policy = ''stately''', table_name);
      EXECUTE format('CREATE UNIQUE INDEX %1$s_i4 ON @schema@.%1$I (name, singleton_on, COALESCE(singleton_key, '''')) WHERE state <> ''cancelled'' AND singleton_on IS NOT NULL', table_name);
      EXECUTE format('CREATE INDEX %1$s_i5 ON @schema@.%1$I (name, start_after) INCLUDE (priority, created_on, id) WHERE state < ''active''', table_name);

      EXECUTE format('ALTER TABLE @schema@.%I ADD CONSTRAINT cjc CHECK (name=%L)', table_name, queue_name);
      EXECUTE format('ALTER TABLE @schema@.job ATTACH PARTITION @schema@.%I FOR VALUES IN (%L)', table_name, queue_name);
    END;
    $$
    LANGUAGE plpgsql;
  ;

    CREATE FUNCTION @schema@.delete_queue(queue_name text)
    RETURNS VOID AS
    $$
    DECLARE
      table_name varchar;
    BEGIN
      WITH deleted as (
        DELETE FROM @schema@.queue
        WHERE name = queue_name
        RETURNING partition_name
      )
      SELECT partition_name from deleted INTO table_name;

      EXECUTE format('DROP TABLE IF EXISTS @schema@.%I', table_name);
    END;
    $$
    LANGUAGE plpgsql;
  ;
INSERT INTO @schema@.version(version) VALUES ('24');

-- Rows: ours.

SELECT @schema@.create_queue('failed', '{"policy": "standard"}');
SELECT @schema@.create_queue('emails', '{"policy": "short", "retryLimit": 3, "retryBackoff": true, "deadLetter": "failed"}');
SELECT @schema@.create_queue('größe of "it"', '{"policy": "stately", "expireInSeconds": 60}');
SELECT @schema@.create_queue('gone', '{"policy": "singleton"}');
SELECT @schema@.delete_queue('gone');
INSERT INTO @schema@.job (name, data, priority, state, singleton_key, dead_letter, policy)
SELECT 'emails', jsonb_build_object('to', n), n % 4, 'created', n::text, 'failed', 'short' FROM generate_series(1, 30) AS n;
INSERT INTO @schema@.job (name, data, state, started_on, completed_on, output)
VALUES ('failed', NULL, 'failed', '2024-01-01', '2024-01-02', '{"error": "no such address"}'),
    ('größe of "it"', '[]', 'active', now(), NULL, NULL);
INSERT INTO @schema@.archive (id, name, priority, state, retry_limit, retry_count, retry_delay, retry_backoff, start_after, expire_in, created_on, keep_until)
SELECT id, name, priority, 'completed', retry_limit, retry_count, retry_delay, retry_backoff, start_after, expire_in, created_on, keep_until
FROM @schema@.job WHERE priority = 3;
INSERT INTO @schema@.schedule (name, cron, timezone, data) VALUES ('emails', '0 2 * * *', 'Europe/Berlin', '{}');
INSERT INTO @schema@.subscription (event, name) VALUES ('signed up', 'emails'), ('signed up', 'failed');
