SELECT c.oid,
       n.nspname::text AS schema,
       c.relname::text AS name,
       c.relkind::text AS kind,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       -- A table that another session drops meanwhile makes these functions say NULL.
       coalesce(pg_catalog.pg_table_is_visible(c.oid), false) AS visible,
       CASE WHEN c.relkind IN ('r', 'm') THEN coalesce(pg_catalog.pg_table_size(c.oid), 0) ELSE 0 END AS bytes,
       CASE WHEN c.relkind IN ('r', 'm')
            THEN coalesce(pg_catalog.pg_relation_size(c.oid), 0) / current_setting('block_size')::int8
            ELSE 0 END AS pages,
       CASE WHEN c.reltoastrelid <> 0 THEN coalesce(pg_catalog.pg_relation_size(c.reltoastrelid), 0) ELSE 0 END AS toast_bytes,
       c.reltuples::float8 AS tuples,
       coalesce((SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition), 0::oid) AS partition_of,
       c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid) AS has_children,
       coalesce(am.amname = 'heap', false) AS heap,
       c.relispopulated AS populated,
       coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
                         ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END, false) AS readable,
       coalesce(c.relkind = 'r' AND pg_catalog.row_security_active(c.oid), false) AS rows_hidden,
       coalesce(pg_catalog.pg_relation_filenode(c.oid), 0::oid) AS filenode,
       c.relpersistence = 'u' AS unlogged,
       coalesce(own.refobjid, 0::oid) AS owned_by,
       coalesce(own.deptype = 'i', false) AS identity,
       d.objid IS NOT NULL AS extension_member,
       array(SELECT a.attname::text FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
              ORDER BY a.attnum) AS columns,
       array(SELECT a.attname::text FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> ''
              ORDER BY a.attnum) AS generated,
       coalesce(key.moves, false) AS moves,
       coalesce(key.moves_with_encoding, false) AS moves_with_encoding
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
  LEFT JOIN pg_catalog.pg_depend d
         ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'e'
  LEFT JOIN pg_catalog.pg_depend own
         ON c.relkind = 'S' AND own.classid = 'pg_catalog.pg_class'::regclass AND own.objid = c.oid AND own.objsubid = 0
        AND own.refclassid = 'pg_catalog.pg_class'::regclass AND own.refobjsubid > 0 AND own.deptype IN ('a', 'i')
  -- Hashes of some types depend on oids or on the library of a collation, which orders texts too. Of types and
  -- expressions that PostgreSQL does not bring, nothing is known.
  LEFT JOIN LATERAL (
       SELECT bool_or(column_number = 0 OR o.oid >= 16384
                      OR CASE p.partstrat
                         WHEN 'h' THEN i.typtype = 'p' OR i.typname IN ('float4', 'float8') OR NOT coalesce(l.collisdeterministic, true)
                         WHEN 'r' THEN i.typname IN ('anyarray', 'anyrange', 'record')
                                       OR NOT coalesce(l.collprovider = 'c' AND l.collcollate IN ('C', 'POSIX'), l.oid IS NULL)
                         ELSE i.typname IN ('anyarray', 'anyrange', 'record') OR NOT coalesce(l.collisdeterministic, true)
                         END) AS moves,
              bool_or(p.partstrat IN ('h', 'r') AND l.oid IS NOT NULL) AS moves_with_encoding
         FROM pg_catalog.pg_partitioned_table p
        CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(p.partattrs::int2[]), pg_catalog.unnest(p.partclass::oid[]),
                                      pg_catalog.unnest(p.partcollation::oid[])) AS k (column_number, class, collation_oid)
         JOIN pg_catalog.pg_opclass o ON o.oid = k.class
         JOIN pg_catalog.pg_type i ON i.oid = o.opcintype
         LEFT JOIN pg_catalog.pg_collation l ON l.oid = k.collation_oid
        WHERE p.partrelid = c.oid) key ON c.relkind = 'p'
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY n.nspname, c.relname
