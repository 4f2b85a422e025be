WITH member AS (
    SELECT e.extname, e.extversion, d.classid, d.objid, d.objsubid
      FROM pg_catalog.pg_extension e
      JOIN pg_catalog.pg_depend d
        ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
), relation AS (
    SELECT member.extname, member.extversion, c.oid, c.relkind
      FROM member JOIN pg_catalog.pg_class c ON c.oid = member.objid AND member.classid = 'pg_catalog.pg_class'::regclass
), part AS (
    SELECT extname, extversion, classid, objid, objsubid,
           CASE classid
           WHEN 'pg_catalog.pg_proc'::regclass
           THEN (SELECT pg_catalog.pg_get_functiondef(p.oid) FROM pg_catalog.pg_proc p WHERE p.oid = objid AND p.prokind <> 'a')
           WHEN 'pg_catalog.pg_class'::regclass
           THEN (SELECT pg_catalog.pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c WHERE c.oid = objid AND c.relkind IN ('v', 'm'))
           END AS definition
      FROM member
    UNION ALL
    SELECT r.extname, r.extversion, 'pg_catalog.pg_class'::regclass, r.oid, a.attnum,
           pg_catalog.format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
           || coalesce(' ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
      FROM relation r
      JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p', 'f')
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT r.extname, r.extversion, 'pg_catalog.pg_class'::regclass, i.indexrelid, 0, pg_catalog.pg_get_indexdef(i.indexrelid)
      FROM relation r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid
    UNION ALL
    SELECT r.extname, r.extversion, 'pg_catalog.pg_constraint'::regclass, c.oid, 0, pg_catalog.pg_get_constraintdef(c.oid)
      FROM relation r JOIN pg_catalog.pg_constraint c ON c.conrelid = r.oid
    UNION ALL
    SELECT r.extname, r.extversion, 'pg_catalog.pg_trigger'::regclass, t.oid, 0, pg_catalog.pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
      FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT r.extname, r.extversion, 'pg_catalog.pg_rewrite'::regclass, w.oid, 0, pg_catalog.pg_get_ruledef(w.oid) || ' ' || w.ev_enabled::text
      FROM relation r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
)
SELECT part.extname::text AS extension, part.extversion AS version, found.type, found.identity,
       pg_catalog.md5(coalesce(part.definition, '')) AS definition,
       pg_catalog.md5(coalesce(CASE WHEN part.objsubid = 0 THEN pg_catalog.obj_description(part.objid, class.relname)
                                    ELSE pg_catalog.col_description(part.objid, part.objsubid) END, '')) AS comment
  FROM part
  JOIN pg_catalog.pg_class class ON class.oid = part.classid
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(part.classid, part.objid, part.objsubid) AS found
