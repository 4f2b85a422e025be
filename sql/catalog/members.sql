-- Nothing here is written in a way that settings of the database change, such as search_path or extra_float_digits.
WITH member AS (
    SELECT e.extname, e.extversion, d.classid, d.objid, d.objsubid
      FROM pg_catalog.pg_extension e
      JOIN pg_catalog.pg_depend d
        ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
     -- What a type or a table brings along is a member only from 17 on.
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class r ON r.oid = t.typrelid
                        WHERE d.classid = 'pg_catalog.pg_type'::regclass AND t.oid = d.objid
                          AND (t.typtype = 'm' OR r.relkind <> 'c'
                               OR EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)))
), relation AS (
    SELECT member.extname, member.extversion, c.oid, c.relkind
      FROM member JOIN pg_catalog.pg_class c ON c.oid = member.objid AND member.classid = 'pg_catalog.pg_class'::regclass
), part AS (
    SELECT extname, extversion, classid, objid, objsubid,
           (SELECT pg_catalog.concat_ws(' ', p.prosrc, p.probin, p.provolatile, p.proparallel, p.prosecdef, p.proleakproof,
                                        p.proisstrict, p.procost::numeric, p.prorows::numeric, p.proconfig::text)
              FROM pg_catalog.pg_proc p
             WHERE classid = 'pg_catalog.pg_proc'::regclass AND p.oid = objid) AS definition
      FROM member
    UNION ALL
    SELECT r.extname, r.extversion, 'pg_catalog.pg_class'::regclass, r.oid, a.attnum,
           pg_catalog.concat_ws(' ', t.typname, a.atttypmod, a.attnotnull)
      FROM relation r
      JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p', 'f')
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    UNION ALL
    SELECT r.extname, r.extversion, 'pg_catalog.pg_class'::regclass, i.indexrelid, 0, ''
      FROM relation r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid
    UNION ALL
    SELECT r.extname, r.extversion, 'pg_catalog.pg_constraint'::regclass, c.oid, 0, ''
      FROM relation r JOIN pg_catalog.pg_constraint c ON c.conrelid = r.oid AND c.contype <> 'n'
    UNION ALL
    SELECT r.extname, r.extversion, 'pg_catalog.pg_trigger'::regclass, t.oid, 0, t.tgenabled::text
      FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT r.extname, r.extversion, 'pg_catalog.pg_rewrite'::regclass, w.oid, 0, w.ev_enabled::text
      FROM relation r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
)
SELECT part.extname::text AS extension, part.extversion AS version, found.type,
       -- The schema of this type is written up to 16.
       pg_catalog.regexp_replace(found.identity, '\mpg_catalog\.json\M', 'json', 'g') AS identity,
       pg_catalog.md5(coalesce(part.definition, '')) AS definition,
       pg_catalog.md5(coalesce(CASE WHEN part.objsubid = 0 THEN pg_catalog.obj_description(part.objid, class.relname)
                                    ELSE pg_catalog.col_description(part.objid, part.objsubid) END, '')) AS comment
  FROM part
  JOIN pg_catalog.pg_class class ON class.oid = part.classid
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(part.classid, part.objid, part.objsubid) AS found
