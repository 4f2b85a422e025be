SELECT DISTINCT e.extname::text AS name
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_depend x ON x.classid = d.refclassid AND x.objid = d.refobjid AND x.deptype = 'e'
  JOIN pg_catalog.pg_extension e ON e.oid = x.refobjid
 WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = ANY ($1)
 ORDER BY 1
