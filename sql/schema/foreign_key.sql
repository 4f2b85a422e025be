WITH RECURSIVE wanted AS (
    SELECT * FROM pg_catalog.pg_constraint WHERE oid = $1 AND contype = 'f'
), tree (relation) AS (
    SELECT conrelid FROM wanted
    UNION SELECT confrelid FROM wanted
    UNION
    SELECT i.inhrelid
      FROM tree
      JOIN pg_catalog.pg_class c ON c.oid = tree.relation AND c.relkind = 'p'
      JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relation
)
SELECT n.nspname::text AS schema, c.relname::text AS name, c.relkind = 'p' AS partitioned,
       rn.nspname::text AS referenced_schema, r.relname::text AS referenced_name, r.relkind = 'p' AS referenced_partitioned,
       wanted.confmatchtype = 'f' AS match_full,
       -- Whether one of PostgreSQL 18's temporal keys, which compare by more than equality.
       coalesce((pg_catalog.to_jsonb(wanted.*) ->> 'conperiod')::boolean, false) AS period,
       array(SELECT relation FROM tree JOIN pg_catalog.pg_class held ON held.oid = relation AND held.relkind <> 'p') AS holders,
       a.attname::text AS referencing_column, ra.attname::text AS referenced_column,
       ons.nspname::text AS operator_schema, o.oprname::text AS operator,
       -- As ri_GenerateQual of ri_triggers.c: both sides are cast to the operator's types, and the referenced column has the collation.
       CASE WHEN ra.atttypid <> o.oprleft AND lt.typtype <> 'p' THEN ltn.nspname::text END AS referenced_type_schema,
       CASE WHEN ra.atttypid <> o.oprleft AND lt.typtype <> 'p' THEN lt.typname::text END AS referenced_type,
       CASE WHEN a.atttypid <> o.oprright AND rt.typtype <> 'p' THEN rtn.nspname::text END AS referencing_type_schema,
       CASE WHEN a.atttypid <> o.oprright AND rt.typtype <> 'p' THEN rt.typname::text END AS referencing_type,
       CASE WHEN ra.attcollation <> a.attcollation THEN cn.nspname::text END AS collation_schema,
       CASE WHEN ra.attcollation <> a.attcollation THEN coll.collname::text END AS collation
  FROM wanted
  JOIN pg_catalog.pg_class c ON c.oid = wanted.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class r ON r.oid = wanted.confrelid
  JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
 CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(wanted.conkey), pg_catalog.unnest(wanted.confkey), pg_catalog.unnest(wanted.conpfeqop))
       WITH ORDINALITY AS key (referencing, referenced, operator, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = wanted.conrelid AND a.attnum = key.referencing
  JOIN pg_catalog.pg_attribute ra ON ra.attrelid = wanted.confrelid AND ra.attnum = key.referenced
  JOIN pg_catalog.pg_operator o ON o.oid = key.operator
  JOIN pg_catalog.pg_namespace ons ON ons.oid = o.oprnamespace
  JOIN pg_catalog.pg_type lt ON lt.oid = o.oprleft
  JOIN pg_catalog.pg_namespace ltn ON ltn.oid = lt.typnamespace
  JOIN pg_catalog.pg_type rt ON rt.oid = o.oprright
  JOIN pg_catalog.pg_namespace rtn ON rtn.oid = rt.typnamespace
  LEFT JOIN pg_catalog.pg_collation coll ON coll.oid = ra.attcollation
  LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = coll.collnamespace
 ORDER BY key.place
