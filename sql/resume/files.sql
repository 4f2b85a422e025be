SELECT c.oid AS relation, coalesce(pg_catalog.pg_relation_filenode(c.oid), 0::oid) AS filenode
  FROM pg_catalog.pg_class c
 WHERE c.oid = ANY ($1)
