SELECT wanted.oid AS relation, n.nspname::text AS schema, c.relname::text AS name,
       t.tgname::text AS trigger, t.tgenabled::text AS state
  FROM pg_catalog.unnest($1) AS wanted (oid)
 CROSS JOIN LATERAL (
       SELECT relid::oid AS oid, level FROM pg_catalog.pg_partition_tree(wanted.oid)
       UNION
       SELECT wanted.oid, 0) AS tree
  JOIN pg_catalog.pg_class c ON c.oid = tree.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid
 -- An internal trigger without a constraint is a partition's copy of a user's trigger.
 WHERE (NOT t.tgisinternal OR t.tgconstraint = 0) AND t.tgenabled <> 'D'
 ORDER BY wanted.oid, tree.level, n.nspname, c.relname, t.tgname
