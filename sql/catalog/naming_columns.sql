{parts}
SELECT a.attrelid AS relation, array_agg(a.attname::text ORDER BY a.attnum) AS columns
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
   AND a.atttypid IN (SELECT p.root FROM part p JOIN pg_catalog.pg_type t ON t.oid = p.type
                       WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typelem = 0 AND t.typname ~ '^reg')
 GROUP BY a.attrelid
