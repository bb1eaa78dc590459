-- Names in a pair's schemas, for hints to whoever misspelt one.

-- name: relations
-- Tables and views of the schema $1, with their columns.
SELECT c.relname AS relation, array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid AND c.relkind IN ('r', 'v')
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = to_regnamespace(quote_ident($1))
  AND d.classid = 'pg_class'::regclass
GROUP BY c.relname;
