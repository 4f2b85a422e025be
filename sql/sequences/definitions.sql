SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name,
       pg_catalog.format_type(s.seqtypid, NULL) AS type,
       s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS least, s.seqmax AS most,
       s.seqcache AS cache, s.seqcycle AS cycles,
       c.relpersistence = 'u' AS unlogged,
       coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false) AS reachable,
       coalesce(pg_catalog.has_sequence_privilege(c.oid, 'SELECT'), false) AS readable,
       coalesce(pg_catalog.has_sequence_privilege(c.oid, 'UPDATE'), false) AS settable,
       tn.nspname::text AS table_schema, t.relname::text AS table_name, a.attname::text AS column_name
  FROM pg_catalog.pg_sequence s
  JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_depend own
         ON own.classid = 'pg_catalog.pg_class'::regclass AND own.objid = c.oid AND own.objsubid = 0
        AND own.refclassid = 'pg_catalog.pg_class'::regclass AND own.refobjsubid > 0 AND own.deptype IN ('a', 'i')
  LEFT JOIN pg_catalog.pg_class t ON t.oid = own.refobjid
  LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = own.refobjid AND a.attnum = own.refobjsubid
 WHERE c.relpersistence <> 't'
 ORDER BY n.nspname, c.relname
