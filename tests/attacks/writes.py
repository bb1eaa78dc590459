"""exec_dml: ways to change another schema's rows, and whose the own table's rows are."""

from tests.attacks.attack import Attacks, Effect, denied, fails, gate_only, inherent, nothing, own

CHANGES: Attacks = {
    "insert": denied("INSERT INTO @foreign@.items (name) VALUES ('x')"),
    "insert, in disguise": denied(
        'INSERT INTO/**/U&"\\0070rod_@victim@"."items"(name)VALUES(\'x\')'
    ),
    "insert of a default row": gate_only(Effect.GAP, "INSERT INTO @foreign@.lines DEFAULT VALUES"),
    "insert with his uid": denied("INSERT INTO @foreign@.items (uid) VALUES ('app01:alice')"),
    "insert with his id": denied(
        "INSERT INTO @foreign@.items (id) OVERRIDING SYSTEM VALUE VALUES (1)"
    ),
    "insert of own rows": denied("INSERT INTO @foreign@.items (name) SELECT name FROM items"),
    "insert into the pair": denied("INSERT INTO @pair@.items (name) SELECT name FROM items"),
    "insert with an alias": denied("INSERT INTO @foreign@.items AS items (name) VALUES ('x')"),
    "insert over a key": denied(
        "INSERT INTO @foreign@.items (name) VALUES ('secret of alice in prod')"
        " ON CONFLICT (name) DO UPDATE SET amount = 0"
    ),
    "insert beside a key": denied(
        "INSERT INTO @foreign@.items (name) VALUES ('secret of alice in prod')"
        " ON CONFLICT DO NOTHING"
    ),
    "insert to learn of a key": denied(
        "INSERT INTO @foreign@.items (name) VALUES ('secret of alice in prod')"
    ),
    "insert to learn of a referenced row": denied(
        "INSERT INTO @foreign@.parts (item_id) SELECT max(id) FROM @foreign@.items"
    ),
    "insert that draws numbers": gate_only(
        Effect.GAP, "INSERT INTO @foreign@.lines (label) SELECT 'x' FROM generate_series(1, 9)"
    ),
    "insert into a view": denied("INSERT INTO @foreign@.names (name) VALUES ('x')"),
    "insert in a CTE": denied(
        "WITH new AS (INSERT INTO @foreign@.items (name) VALUES ('x') RETURNING *) TABLE new"
    ),
    "insert in a CTE that nobody reads": denied(
        "WITH new AS (INSERT INTO @foreign@.items (name) VALUES ('x')) SELECT 1 AS one"
    ),
    "update": nothing("UPDATE @foreign@.items SET amount = 0 RETURNING *"),
    "update, without RETURNING": nothing("UPDATE @foreign@.items SET amount = 0"),
    "update of ONLY": nothing("UPDATE ONLY @foreign@.items AS items SET amount = 0"),
    "update of the pair": nothing("UPDATE @pair@.items SET amount = 0 RETURNING *"),
    "update of the owner": nothing("UPDATE @foreign@.items SET uid = 'mallory' RETURNING *"),
    "update from own rows": nothing(
        "UPDATE @foreign@.items SET amount = 0 FROM items AS o RETURNING *"
    ),
    "update of a view": nothing("UPDATE @foreign@.names SET name = 'x' RETURNING *"),
    "update in a CTE": nothing(
        "WITH new AS (UPDATE @foreign@.items SET amount = 0 RETURNING *) TABLE new"
    ),
    "update where a comment hides it": nothing(
        "/* SELECT */ UPDATE -- own\n@foreign@.items SET amount = 0"
    ),
    "update by a cursor": fails(
        "DECLARE c CURSOR FOR SELECT * FROM @foreign@.items FOR UPDATE; FETCH c;"
        "UPDATE @foreign@.items SET amount = 0 WHERE CURRENT OF c"
    ),
    "delete": nothing("DELETE FROM @foreign@.items RETURNING *"),
    "delete, without RETURNING": nothing("DELETE FROM @foreign@.items"),
    "delete by an alias": nothing("DELETE FROM @foreign@.items AS items WHERE items.amount > 1"),
    "delete using own rows": nothing("DELETE FROM @foreign@.items USING items AS o RETURNING 1"),
    "delete in a CTE": nothing(
        "WITH gone AS (DELETE FROM @foreign@.items RETURNING *) SELECT * FROM gone"
    ),
    "delete in a CTE of a CTE": fails(
        "WITH a AS (WITH gone AS (DELETE FROM @foreign@.items RETURNING *) TABLE gone) TABLE a"
    ),
    "delete of the pair": nothing("DELETE FROM @pair@.lines RETURNING *"),
    "delete behind a commit": gate_only(
        Effect.TRANSACTION, "COMMIT; DELETE FROM @foreign@.items RETURNING *"
    ),
    "merge": nothing(
        "MERGE INTO @foreign@.items AS f USING items AS o ON f.amount > 0 WHEN MATCHED THEN DELETE"
    ),
    "merge that updates": nothing(
        "MERGE INTO @foreign@.items AS f USING items AS o ON f.amount > 0"
        " WHEN MATCHED THEN UPDATE SET uid = 'app01:mallory'"
    ),
    "merge that reads no column": gate_only(
        # With rows there, the error tells so; it tells nothing of them.
        Effect.NUMBERS,
        "MERGE INTO @foreign@.items AS f USING items AS o ON true WHEN MATCHED THEN DELETE",
    ),
    "merge that inserts": denied(
        "MERGE INTO @foreign@.items AS f USING items AS o ON false"
        " WHEN NOT MATCHED THEN INSERT (name) VALUES (o.name)"
    ),
    "merge that deletes what has no match": nothing(
        "MERGE INTO @foreign@.items AS f USING (SELECT 'x' AS name) AS o ON f.name = o.name"
        " WHEN NOT MATCHED BY SOURCE THEN DELETE",
        since=17,
    ),
    "merge that returns": nothing(
        "MERGE INTO @foreign@.items AS f USING items AS o ON f.amount > 0"
        " WHEN MATCHED THEN DELETE RETURNING merge_action(), f.*",
        since=17,
    ),
    "merge into the pair": nothing(
        "MERGE INTO @pair@.items AS f USING items AS o ON f.amount > 0 WHEN MATCHED THEN DELETE"
    ),
    "truncate": denied("TRUNCATE @foreign@.items CASCADE"),
    "truncate of the own": denied("TRUNCATE items CASCADE"),
}

# What is nobody's to change, whoever owns the rows.
BOOKS: Attacks = {
    "metadata": denied("UPDATE twinbase.database_meta SET uid = 'mallory'"),
    "metadata deleted": denied("DELETE FROM twinbase.schema_meta"),
    "metadata by a key": denied(
        "INSERT INTO twinbase.database_meta (id) VALUES (@victim@) ON CONFLICT (id)"
        " DO UPDATE SET uid = 'mallory'"
    ),
    "settings by their view": denied(
        "UPDATE pg_settings SET setting = '@foreign@' WHERE name LIKE 'work%'"
    ),
    "the catalog": denied("UPDATE pg_class SET relrowsecurity = false"),
    "the catalog in quotes": denied('UPDATE pg_catalog."pg_class" SET relowner = 10'),
    "policies in the catalog": denied("DELETE FROM pg_policy"),
    "roles in the catalog": denied("UPDATE pg_authid SET rolsuper = true"),
    "members in the catalog": denied("INSERT INTO pg_auth_members SELECT * FROM pg_auth_members"),
    "functions in the catalog": denied("UPDATE pg_proc SET prosecdef = true"),
    "statistics in the catalog": denied("DELETE FROM pg_statistic"),
}

# What is written is the caller's; what it is made of must be, too.
TAKEN_ALONG: Attacks = {
    "insert of a query": nothing(
        "INSERT INTO items (name) SELECT name || '2' FROM @foreign@.items RETURNING name"
    ),
    "insert of a sub-select": own(
        "INSERT INTO lines (label) VALUES ((SELECT max(name) FROM @foreign@.items)) RETURNING label"
    ),
    "insert with a CTE": nothing(
        "WITH f AS (TABLE @foreign@.items) INSERT INTO lines (label) SELECT name FROM f"
        " RETURNING label"
    ),
    "insert returning": own(
        "INSERT INTO lines (label) VALUES ('x') RETURNING (SELECT max(name) FROM @foreign@.items)"
    ),
    "insert into a subscript": fails(
        "INSERT INTO lines (label[(SELECT count(*) FROM @foreign@.items)]) VALUES ('x')"
    ),
    "on conflict, set": own(
        "INSERT INTO items (name) VALUES ('own') ON CONFLICT (name)"
        " DO UPDATE SET amount = (SELECT max(amount) FROM @foreign@.items) RETURNING amount"
    ),
    "on conflict, where": own(
        "INSERT INTO items (name) VALUES ('own') ON CONFLICT (name)"
        " DO UPDATE SET amount = 7 WHERE EXISTS (TABLE @foreign@.items) RETURNING amount"
    ),
    "on conflict, target's where": fails(
        "INSERT INTO items (name) VALUES ('own') ON CONFLICT (name)"
        " WHERE EXISTS (TABLE @foreign@.items) DO UPDATE SET amount = 7 RETURNING amount"
    ),
    "update set": own(
        "UPDATE items SET amount = (SELECT max(amount) FROM @foreign@.items) RETURNING amount"
    ),
    "update set of several": own(
        "UPDATE items SET (name, amount) = (SELECT name, amount FROM @foreign@.items)"
        " RETURNING name, amount"
    ),
    "update from": nothing(
        "UPDATE items SET amount = f.amount FROM @foreign@.items AS f RETURNING f.name"
    ),
    "update where": nothing(
        "UPDATE items SET amount = 2 WHERE EXISTS (SELECT FROM @foreign@.items) RETURNING amount"
    ),
    "update returning": own(
        "UPDATE items SET amount = 2 RETURNING (SELECT max(name) FROM @foreign@.items)"
    ),
    "update returning what was": own(
        "UPDATE items SET amount = 2 RETURNING old.amount,"
        " (SELECT max(f.name) FROM @foreign@.items AS f WHERE f.amount > old.amount)",
        since=18,
    ),
    "delete using": nothing(
        "DELETE FROM items USING @foreign@.items AS f WHERE f.name IS NOT NULL RETURNING f.name"
    ),
    "delete where": nothing(
        "DELETE FROM items WHERE EXISTS (TABLE @foreign@.items) RETURNING name"
    ),
    "delete returning": own("DELETE FROM lines RETURNING (SELECT max(name) FROM @foreign@.items)"),
    "merge from": nothing(
        "MERGE INTO items USING @foreign@.items AS f ON true"
        " WHEN MATCHED THEN UPDATE SET amount = f.amount"
    ),
    "merge from, inserting": own(
        "MERGE INTO lines USING @foreign@.items AS f ON false"
        " WHEN NOT MATCHED THEN INSERT (label) VALUES (f.name); SELECT max(label) FROM lines"
    ),
    "merge's condition": nothing(
        "MERGE INTO items USING (SELECT 1) AS o ON true"
        " WHEN MATCHED AND EXISTS (TABLE @foreign@.items) THEN DELETE"
        " WHEN MATCHED THEN DO NOTHING"
    ),
    "merge's value": own(
        "MERGE INTO items USING (SELECT 1) AS o ON items.amount > 0"
        " WHEN MATCHED THEN UPDATE SET amount = (SELECT max(amount) FROM @foreign@.items)"
    ),
    "merge's insert": own(
        "MERGE INTO lines USING (SELECT 1) AS o ON false"
        " WHEN NOT MATCHED THEN INSERT (label) VALUES ((SELECT max(name) FROM @foreign@.items));"
        "SELECT max(label) FROM lines"
    ),
    "merge's RETURNING": own(
        "MERGE INTO items USING (SELECT 1) AS o ON amount > 0 WHEN MATCHED THEN UPDATE SET amount = 3"
        " RETURNING (SELECT max(name) FROM @foreign@.items)",
        since=17,
    ),
}

# Rows given away, and rows taken: S7 of the field's reports.
OWNERSHIP: Attacks = {
    "uid given away": own("UPDATE items SET uid = 'app01:bob' RETURNING uid"),
    "uid emptied": own("UPDATE items SET uid = NULL RETURNING uid"),
    "uid by DEFAULT": own("UPDATE items SET uid = DEFAULT RETURNING uid"),
    "uid in a row": own("UPDATE items SET (uid, id) = ROW('app01:bob', 7) RETURNING uid"),
    "uid of a CTE": own(
        "WITH u AS (UPDATE items SET uid = 'app01:alice' RETURNING uid) SELECT * FROM u"
    ),
    "id changed": own("UPDATE items SET id = 1 RETURNING id = 1 AS changed"),
    "insert as another": own(
        "INSERT INTO items (uid, name) VALUES ('app01:bob', 'x') RETURNING uid"
    ),
    "insert as nobody": own("INSERT INTO items (uid, name) VALUES (NULL, 'x') RETURNING uid"),
    "insert with an id": own(
        "INSERT INTO items (id, name) VALUES (7, 'x') RETURNING id = 7 AS kept"
    ),
    "insert with an id, overriding": own(
        "INSERT INTO items (id, name) OVERRIDING SYSTEM VALUE VALUES (7, 'x') RETURNING id = 7 AS k"
    ),
    "insert of another's uids": own(
        "INSERT INTO lines (uid, label) SELECT uid, label FROM lines RETURNING uid"
    ),
    "on conflict, uid": own(
        "INSERT INTO items (name) VALUES ('own') ON CONFLICT (name)"
        " DO UPDATE SET uid = 'app01:bob', id = 7 RETURNING uid, id = 7 AS changed"
    ),
    "on conflict with a colleague's row": inherent(
        "INSERT INTO items (name) VALUES ('hidden of bob') ON CONFLICT (name)"
        " DO UPDATE SET uid = 'app01:mallory' RETURNING *"
    ),
    "on conflict with a colleague's row, nothing": inherent(
        "INSERT INTO items (name) VALUES ('hidden of bob') ON CONFLICT (name) DO NOTHING RETURNING *"
    ),
    "a colleague's key": inherent("INSERT INTO items (name) VALUES ('hidden of bob')"),
    "a colleague's row, updated": nothing(
        "UPDATE items SET amount = 0 WHERE name = 'hidden of bob' RETURNING *"
    ),
    "a colleague's row, taken": nothing(
        "UPDATE items SET uid = 'app01:mallory' WHERE uid LIKE '%bob%' RETURNING *"
    ),
    "a colleague's row, deleted": nothing("DELETE FROM lines WHERE uid LIKE '%bob%' RETURNING *"),
    "a colleague's row, merged": nothing(
        "MERGE INTO items AS t USING (SELECT 'hidden of bob' AS n) AS o ON t.name = o.n"
        " WHEN MATCHED THEN DELETE"
    ),
    "a colleague's row, by a join": nothing(
        "UPDATE lines AS t SET label = o.label FROM lines AS o WHERE o.uid <> t.uid RETURNING o.label"
    ),
    "a colleague's row, merged blindly": inherent(
        # PostgreSQL asks for no SELECT policy where no column of the target is read.
        "MERGE INTO items USING (SELECT 1) AS o ON true WHEN MATCHED THEN UPDATE SET amount = 3"
    ),
    "merge's uid": own(
        "MERGE INTO lines USING (SELECT 1) AS o ON false"
        " WHEN NOT MATCHED THEN INSERT (uid, label) VALUES ('app01:bob', 'x')"
    ),
    "a view's uid": own("INSERT INTO names (name) VALUES ('x') RETURNING name"),
}
