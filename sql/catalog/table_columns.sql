SELECT a.attrelid AS relation,
       a.attname::text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       base.type AS base,
       base.kind = 'e' AS enumerated,
       a.atttypid <> base.oid AS of_domain,
       a.attnotnull AS not_null,
       a.atthasdef OR a.attidentity <> '' AS filled,
       a.attgenerated <> '' AS generated,
       a.attidentity = 'a' AS always_identity
  FROM pg_catalog.pg_attribute a
 CROSS JOIN LATERAL (
       WITH RECURSIVE chain (oid, modifier, kind) AS (
           SELECT t.oid, a.atttypmod, t.typtype FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
           UNION ALL
           SELECT b.oid, d.typtypmod, b.typtype
             FROM chain
             JOIN pg_catalog.pg_type d ON d.oid = chain.oid AND d.typtype = 'd'
             JOIN pg_catalog.pg_type b ON b.oid = d.typbasetype
       )
       SELECT chain.oid, pg_catalog.format_type(chain.oid, chain.modifier) AS type, chain.kind
         FROM chain WHERE chain.kind <> 'd') AS base
 WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
