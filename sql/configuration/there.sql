SELECT wanted.number,
       array(SELECT a.attname::text FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE')
       AND CASE WHEN c.relkind = 'S'
                THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT') AND pg_catalog.has_sequence_privilege(c.oid, 'UPDATE')
                ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_table_privilege(c.oid, 'INSERT')
                     AND pg_catalog.has_table_privilege(c.oid, 'DELETE') AND NOT pg_catalog.row_security_active(c.oid)
           END AS permitted,
       EXISTS (SELECT FROM pg_catalog.pg_constraint k
                WHERE k.confrelid = c.oid AND k.contype = 'f' AND k.conrelid <> c.oid) AS referenced
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::text[]))
       WITH ORDINALITY AS wanted (schema, name, extension, number)
  JOIN pg_catalog.pg_namespace n ON n.nspname::text = wanted.schema
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname::text = wanted.name AND c.relkind IN ('r', 'S')
  JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'e'
   AND d.refclassid = 'pg_catalog.pg_extension'::regclass
  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname::text = wanted.extension
