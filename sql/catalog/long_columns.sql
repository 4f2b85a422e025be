{parts}
, long AS (
    SELECT a.attrelid, a.attname::text AS name, a.attnum, coalesce(nullif(t.typbasetype, 0), t.oid)::regtype::text AS type
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attlen = -1)
SELECT c.oid AS relation,
       array(SELECT l.name FROM long l WHERE l.attrelid = c.oid AND l.type = 'bytea' ORDER BY l.attnum) AS bytes,
       array(SELECT l.name FROM long l WHERE l.attrelid = c.oid AND l.type IN ('text', 'character varying') ORDER BY l.attnum) AS texts,
       array(SELECT l.name FROM long l WHERE l.attrelid = c.oid AND l.type NOT IN ('bytea', 'text', 'character varying')
              ORDER BY l.attnum) AS others,
       array(SELECT a.attname::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid
              WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey) ORDER BY a.attnum) AS key,
       -- The binary form of some types holds oids, or is an extension's own.
       NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                     JOIN part p ON p.root = a.atttypid
                     JOIN pg_catalog.pg_type t ON t.oid = p.type
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                      AND (t.typname ~ '^reg' OR t.typsend = 0 OR (t.oid >= 16384 AND t.typtype NOT IN ('d', 'e')))) AS binary
  FROM pg_catalog.pg_class c
 WHERE c.oid = ANY ($1)
