WITH RECURSIVE part (root, type) AS (
    SELECT DISTINCT a.atttypid, a.atttypid
      FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    UNION
    SELECT p.root, i.type
      FROM part p
      JOIN pg_catalog.pg_type t ON t.oid = p.type
     CROSS JOIN LATERAL (SELECT t.typelem WHERE t.typelem <> 0
                         UNION ALL SELECT t.typbasetype WHERE t.typbasetype <> 0
                         UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid
                         UNION ALL SELECT c.atttypid FROM pg_catalog.pg_attribute c
                                    WHERE c.attrelid = t.typrelid AND c.attnum > 0 AND NOT c.attisdropped) i (type))
