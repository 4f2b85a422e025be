-- What a foreign key has on partitions of either of its tables is part of it; a constraint trigger is a trigger.
SELECT CASE k.contype WHEN 'n' THEN 'not-null constraint' ELSE 'constraint' END AS kind,
       n.nspname::text AS schema, c.relname::text AS relation, k.conname::text AS name, NULL::text AS part_of,
       NULL::text AS owner, NULL::text[] AS privileges,
       pg_catalog.jsonb_build_object(
           'comment', pg_catalog.obj_description(k.oid, 'pg_constraint'),
           'definition', pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
           'valid', k.convalidated,
           'triggers', (WITH RECURSIVE part (oid) AS (
                            SELECT k.oid
                            UNION ALL
                            SELECT c.oid FROM part p JOIN pg_catalog.pg_constraint c ON c.conparentid = p.oid AND c.contype = 'f')
                        SELECT pg_catalog.jsonb_agg(DISTINCT t.tgrelid::regclass::text || CASE t.tgenabled
                                   WHEN 'D' THEN ': disabled' WHEN 'R' THEN ': in replicas' ELSE ': always' END)
                          FROM part p JOIN pg_catalog.pg_trigger t ON t.tgconstraint = p.oid AND t.tgenabled <> 'O'))::text AS aspects
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT (k.contype = 'f' AND k.conparentid <> 0) AND k.contype <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
