{closure}
-- What is used by something that stays.
SELECT DISTINCT 'used' AS kind, pg_catalog.pg_describe_object(gone.class, gone.object, 0) AS object,
       coalesce(pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, r.ev_class, 0),
                pg_catalog.pg_describe_object(d.classid, d.objid, 0)) AS other
  FROM gone
  JOIN pg_catalog.pg_depend d ON d.refclassid = gone.class AND d.refobjid = gone.object
  LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
 WHERE NOT EXISTS (SELECT FROM gone stays WHERE stays.class = d.classid AND stays.object = d.objid)
UNION ALL
-- What a subscription feeds; it forgets its table without a word.
SELECT DISTINCT 'used', pg_catalog.pg_describe_object(gone.class, gone.object, 0),
       pg_catalog.pg_describe_object('pg_catalog.pg_subscription'::regclass, r.srsubid, 0)
  FROM gone
  JOIN pg_catalog.pg_subscription_rel r ON gone.class = 'pg_catalog.pg_class'::regclass AND gone.object = r.srrelid
UNION ALL
-- What is part of a table that stays.
SELECT DISTINCT 'part', pg_catalog.pg_describe_object(root.class, root.object, 0),
       pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0)
  FROM root
  JOIN pg_catalog.pg_depend d ON d.classid = root.class AND d.objid = root.object
 WHERE d.deptype IN ('a', 'i', 'P', 'S') AND d.refclassid = 'pg_catalog.pg_class'::regclass
   AND NOT EXISTS (SELECT FROM gone WHERE gone.class = d.refclassid AND gone.object = d.refobjid)
UNION ALL
-- What cannot be moved, and is no part of anything that is.
SELECT 'fixed', pg_catalog.pg_describe_object(class, object, 0), NULL
  FROM (SELECT * FROM given EXCEPT SELECT * FROM gone) AS fixed
 WHERE pg_catalog.pg_describe_object(class, object, 0) IS NOT NULL
UNION ALL
-- What belongs to another role; what the superuser of initdb owns is not listed as his.
SELECT 'owner', pg_catalog.pg_describe_object(root.class, root.object, 0),
       pg_catalog.pg_get_userbyid(coalesce(s.refobjid, 10::oid))::text
  FROM root
  LEFT JOIN pg_catalog.pg_shdepend s
         ON s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND s.classid = root.class AND s.objid = root.object AND s.objsubid = 0 AND s.deptype = 'o'
 WHERE NOT pg_catalog.pg_has_role(coalesce(s.refobjid, 10::oid), 'USAGE')
