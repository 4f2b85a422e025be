SELECT k.oid, k.conname::text AS name, s.nspname::text AS schema, k.condeferrable AS deferrable,
       k.confdeltype = 'a' AS waits,
       k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd') AS cascades,
       k.confupdtype NOT IN ('a', 'r') AS follows,
       array(SELECT a.attname::text FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)) AS columns,
       coalesce(pg_catalog.pg_partition_root(k.conrelid), k.conrelid)::oid AS child,
       coalesce(pg_catalog.pg_partition_root(k.confrelid), k.confrelid)::oid AS parent,
       cn.nspname::text AS child_schema, c.relname::text AS child_name, c.relkind = 'p' AS child_partitioned,
       pn.nspname::text AS parent_schema, p.relname::text AS parent_name, p.relkind = 'p' AS parent_partitioned
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_namespace s ON s.oid = k.connamespace
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
  JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0
   -- From PostgreSQL 18 on a key may be there for the record only.
   AND coalesce((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, true)
   AND (coalesce(pg_catalog.pg_partition_root(k.conrelid), k.conrelid) = ANY ($1)
        OR coalesce(pg_catalog.pg_partition_root(k.confrelid), k.confrelid) = ANY ($1))
 ORDER BY child_schema, child_name, k.conname
