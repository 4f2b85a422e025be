SELECT DISTINCT e.extname::text AS name
  FROM pg_catalog.unnest($1::oid[]) AS relation
  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = relation
  JOIN pg_catalog.pg_depend x ON x.classid = d.refclassid AND x.objid = d.refobjid AND x.deptype = 'e'
  JOIN pg_catalog.pg_extension e ON e.oid = x.refobjid
 ORDER BY 1
