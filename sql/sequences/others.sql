-- What names a sequence and is no column's default.
SELECT d.refobjid AS sequence, pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS what
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S' AND s.relpersistence <> 't'
 WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'n'
   -- One of its columns is its state: who reads that takes no value.
   AND d.refobjsubid = 0
   AND d.classid NOT IN ('pg_catalog.pg_attrdef'::regclass, 'pg_catalog.pg_type'::regclass)
 ORDER BY d.refobjid, what
