WITH RECURSIVE step (root, depth, type) AS (
    SELECT DISTINCT a.atttypid, 0, a.atttypid
      FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT s.root, s.depth + 1, i.type
      FROM step s
      JOIN pg_catalog.pg_type t ON t.oid = s.type
     CROSS JOIN LATERAL (SELECT t.typbasetype WHERE t.typtype = 'd'
                         UNION ALL SELECT e.oid FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid
                         UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid) i (type))
SELECT a.attrelid AS relation,
       a.attname::text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.atttypmod > 0 AS has_length,
       -- From the type down to what its values are made of.
       array(SELECT CASE WHEN t.typtype = 'd' THEN 'domain'
                         WHEN t.typtype = 'r' THEN 'range'
                         WHEN t.typtype = 'e' THEN 'enum'
                         WHEN t.typtype = 'c' THEN 'composite'
                         WHEN t.typelem <> 0 AND EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)
                         THEN 'array'
                         WHEN t.typnamespace = 'pg_catalog'::regnamespace AND t.oid < 16384 THEN t.typname::text
                         ELSE 'made ' || t.typname END
               FROM step s JOIN pg_catalog.pg_type t ON t.oid = s.type
              WHERE s.root = a.atttypid ORDER BY s.depth) AS path
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
