SELECT 'operator' AS kind, n.nspname::text AS schema, '' AS relation,
       pg_catalog.format('%s(%s, %s)', o.oprname, pg_catalog.format_type(nullif(o.oprleft, 0), NULL),
                         pg_catalog.format_type(nullif(o.oprright, 0), NULL)) AS name, NULL::text AS part_of,
       pg_catalog.pg_get_userbyid(o.oprowner)::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(o.oprowner),
           'comment', pg_catalog.obj_description(o.oid, 'pg_operator'),
           'function', o.oprcode::regproc, 'result', pg_catalog.format_type(nullif(o.oprresult, 0), NULL),
           'commutator', nullif(o.oprcom, 0)::regoperator, 'negator', nullif(o.oprnegate, 0)::regoperator,
           'restrict', nullif(o.oprrest::oid, 0)::regproc, 'join', nullif(o.oprjoin::oid, 0)::regproc,
           'hashes', o.oprcanhash, 'merges', o.oprcanmerge)::text AS aspects
  FROM pg_catalog.pg_operator o
  JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e')
UNION ALL
SELECT 'operator class', n.nspname::text, '', pg_catalog.format('%I using %I', c.opcname, am.amname), NULL,
       pg_catalog.pg_get_userbyid(c.opcowner)::text, NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(c.opcowner),
           'comment', pg_catalog.obj_description(c.oid, 'pg_opclass'),
           'family', pg_catalog.format('%I.%I', x.nspname, f.opfname), 'type', pg_catalog.format_type(c.opcintype, NULL),
           'default', c.opcdefault, 'storage', pg_catalog.format_type(nullif(c.opckeytype, 0), NULL))::text
  FROM pg_catalog.pg_opclass c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace
  JOIN pg_catalog.pg_am am ON am.oid = c.opcmethod
  JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily
  JOIN pg_catalog.pg_namespace x ON x.oid = f.opfnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_opclass'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'operator family', n.nspname::text, '', pg_catalog.format('%I using %I', f.opfname, am.amname), NULL,
       pg_catalog.pg_get_userbyid(f.opfowner)::text, NULL,
       pg_catalog.jsonb_build_object(
           'owner', pg_catalog.pg_get_userbyid(f.opfowner),
           'comment', pg_catalog.obj_description(f.oid, 'pg_opfamily'),
           'operators', (SELECT pg_catalog.jsonb_agg(m.line ORDER BY m.line)
                           FROM (SELECT pg_catalog.format('%s %s%s', o.amopstrategy, o.amopopr::regoperator,
                                                          ' for order by ' || s.opfname) AS line
                                   FROM pg_catalog.pg_amop o LEFT JOIN pg_catalog.pg_opfamily s ON s.oid = o.amopsortfamily
                                  WHERE o.amopfamily = f.oid) AS m),
           'functions', (SELECT pg_catalog.jsonb_agg(m.line ORDER BY m.line)
                           FROM (SELECT pg_catalog.format('%s (%s, %s) %s', o.amprocnum, pg_catalog.format_type(o.amproclefttype, NULL),
                                                          pg_catalog.format_type(o.amprocrighttype, NULL), o.amproc::regproc) AS line
                                   FROM pg_catalog.pg_amproc o WHERE o.amprocfamily = f.oid) AS m))::text
  FROM pg_catalog.pg_opfamily f
  JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace
  JOIN pg_catalog.pg_am am ON am.oid = f.opfmethod
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_opfamily'::regclass AND d.objid = f.oid AND d.deptype = 'e')
