"""exec_dml: to learn of rows without seeing them: by errors, keys, estimates, time."""

from tests.attacks.attack import Attacks, Effect, denied, fails, gate_only, nothing, own

ERRORS: Attacks = {
    "cast": nothing("SELECT * FROM @foreign@.items WHERE name::integer = 0"),
    "cast in the target list": nothing("SELECT name::integer FROM @foreign@.items"),
    "cast in an aggregate": own("SELECT max(name::integer) FROM @foreign@.items"),
    "cast in ORDER BY": nothing("SELECT 1 FROM @foreign@.items ORDER BY name::integer"),
    "cast in RETURNING": nothing("DELETE FROM @foreign@.items RETURNING name::integer"),
    "cast in a join": nothing(
        "SELECT 1 FROM items JOIN @foreign@.items AS f ON f.name::date > now()"
    ),
    "cast to a domain": nothing("SELECT amount::@foreign@.reach FROM @foreign@.items"),
    "cast to a type of values": nothing("SELECT name::@foreign@.mood FROM @foreign@.items"),
    "division": nothing("SELECT * FROM @foreign@.items WHERE 1/(amount - 424242) = 0"),
    "division in CASE": nothing(
        "SELECT 1 FROM @foreign@.items WHERE CASE WHEN name LIKE 's%' THEN"
        " 1/(amount - 424242) END = 1"
    ),
    "division, planned before": nothing(
        "SELECT 1 FROM @foreign@.items WHERE amount = 1 OR 1/(amount - 424242) > 0 OR true"
    ),
    "overflow": nothing("SELECT amount * 100000 FROM @foreign@.items"),
    "more than one row": own("SELECT (SELECT name FROM @foreign@.items) AS found"),
    "regular expression": nothing("SELECT regexp_match('a', name || '(') FROM @foreign@.items"),
    "JSON": nothing("SELECT name::json FROM @foreign@.items"),
    "XML": nothing("SELECT xmlparse(DOCUMENT name) FROM @foreign@.items"),
    "subscript": nothing("SELECT (ARRAY[1])[amount / (amount - 424242)] FROM @foreign@.items"),
    "too large a repetition": nothing("SELECT repeat(name, amount * 1000) FROM @foreign@.items"),
    "a name of it": nothing("SELECT name::regclass FROM @foreign@.items"),
    "a function that may tell": nothing(
        "SELECT 1 FROM @foreign@.items WHERE to_date(name, 'YYYY') IS NOT NULL"
    ),
    "a leaky operator before the policy": nothing(
        "SELECT 1 FROM @foreign@.items WHERE name <> 'x' AND name ~ left(name || '(', 100) LIMIT 1"
    ),
}

GUESSES: Attacks = {
    "by LIKE": nothing("SELECT 1 FROM @foreign@.items WHERE name LIKE 's%'"),
    "by a number": nothing("SELECT 1 FROM @foreign@.items WHERE amount BETWEEN 400000 AND 500000"),
    "by a count": own("SELECT count(*) > 0 AS found FROM @foreign@.items"),
    "by a checksum": own("SELECT md5(string_agg(name, '')) AS found FROM @foreign@.items"),
    "by one letter": own("SELECT ascii(substr(max(name), 1, 1)) AS found FROM @foreign@.items"),
    "by a bit": own("SELECT get_bit(max(name)::bytea, 0) AS found FROM @foreign@.items"),
    "by a version of a row": nothing("SELECT xmin, cmin, xmax FROM @foreign@.items"),
    "by a place": nothing("SELECT 1 FROM @foreign@.items WHERE ctid = '(0,1)'"),
    "by the order": own(
        "SELECT rank() OVER (ORDER BY name) AS n FROM"
        " (SELECT name FROM @foreign@.items UNION ALL SELECT 'm') AS both_of_us"
    ),
    "by time": own(
        "SELECT CASE WHEN EXISTS (TABLE @foreign@.items)"
        " THEN (SELECT count(*) FROM generate_series(1, 100000)) END AS found"
    ),
    "by locks that are skipped": nothing("SELECT 1 FROM @foreign@.items FOR UPDATE SKIP LOCKED"),
    "by locks that are waited for": nothing("SELECT 1 FROM @foreign@.items FOR UPDATE NOWAIT"),
    "by a sample": nothing("SELECT 1 FROM @foreign@.items TABLESAMPLE system (100) REPEATABLE (0)"),
    "by an index": nothing("SELECT name FROM @foreign@.items ORDER BY name LIMIT 1"),
    "by an index of bits": nothing(
        "SELECT 1 FROM @foreign@.items WHERE name = 'secret of alice in prod' OR amount = 424242"
    ),
}

KEYS: Attacks = {
    "unique": denied("INSERT INTO @foreign@.items (amount, name) SELECT 1, name FROM items"),
    "unique, of a guess": denied("INSERT INTO @foreign@.items (name) SELECT 'guess' RETURNING id"),
    "unique, by an update": nothing("UPDATE @foreign@.items SET name = 'guess'"),
    "foreign key": denied("INSERT INTO @foreign@.parts (item_id) VALUES (NULL)"),
    "foreign key, by an update": nothing("UPDATE @foreign@.parts SET item_id = 1"),
    "foreign key into another schema": fails(
        "INSERT INTO parts (item_id) SELECT max(id) + 1 FROM @foreign@.items UNION ALL SELECT 1"
    ),
    "conflict": denied(
        "INSERT INTO @foreign@.items (id, name) VALUES (1, 'x') ON CONFLICT (id) DO NOTHING"
        " RETURNING id"
    ),
    "conflict's constraint": denied(
        "INSERT INTO @foreign@.items (name) VALUES ('x') ON CONFLICT ON CONSTRAINT items_name_key"
        " DO UPDATE SET amount = 1 WHERE items.amount = 424242"
    ),
}

ESTIMATES: Attacks = {
    "estimate of a table": gate_only(
        Effect.NUMBERS, "EXPLAIN SELECT * FROM @foreign@.items, items"
    ),
    "estimate of a value": gate_only(
        Effect.NUMBERS, "EXPLAIN (FORMAT YAML) SELECT * FROM @foreign@.items WHERE name > 'a'"
    ),
    "estimate by EXPLAIN's EXPLAIN": fails("EXPLAIN EXPLAIN SELECT * FROM @foreign@.items"),
}
