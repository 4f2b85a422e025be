SELECT pg_catalog.format('%I.%I', n.nspname, t.typname) AS type, min(a.attrelid::regclass::text) AS relation
  FROM pg_catalog.unnest($1::oid[]) AS relation
  JOIN pg_catalog.pg_attribute a ON a.attrelid = relation
  JOIN pg_catalog.pg_type column_type ON column_type.oid = a.atttypid
  JOIN pg_catalog.pg_type t
    ON t.oid = CASE WHEN column_type.typcategory = 'A' THEN column_type.typelem ELSE column_type.oid END
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
 WHERE a.attnum > 0 AND NOT a.attisdropped
   AND n.nspname <> 'pg_catalog' AND NOT n.nspname::text = ANY ($2)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
 GROUP BY 1
