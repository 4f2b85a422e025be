SELECT a.attrelid AS relation,
       a.attname::text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       base.type AS base,
       base.kind = 'e' AS enumerated,
       a.atttypid <> base.oid AS of_domain,
       -- From PostgreSQL 18 on there may be rows that were not looked at.
       a.attnotnull AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_constraint k
            WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND NOT k.convalidated AND a.attnum = ANY (k.conkey)) AS not_null,
       a.atthasdef OR a.attidentity <> '' AS filled,
       a.attgenerated <> '' AS generated,
       a.attidentity = 'a' AS always_identity,
       a.attcollation <> base.collation AS collated,
       -- Up to PostgreSQL 14 a generated column depends on what it reads, later its expression does.
       CASE WHEN a.attgenerated <> '' THEN array(
           SELECT DISTINCT r.attname::text
             FROM pg_catalog.pg_depend d
             JOIN pg_catalog.pg_attribute r ON r.attrelid = a.attrelid AND r.attnum = d.refobjsubid AND r.attnum <> a.attnum
            WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid > 0
              AND ((d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = a.attrelid AND d.objsubid = a.attnum)
                   OR (d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid))) END AS computed_from,
       EXISTS (
           SELECT FROM pg_catalog.pg_depend d
             JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid AND s.seqcache > 1
            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
              AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i'))
       OR EXISTS (
           SELECT FROM pg_catalog.pg_depend d
             JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.refobjid AND s.seqcache > 1
            WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid
              AND d.refclassid = 'pg_catalog.pg_class'::regclass) AS drawn_ahead
  FROM pg_catalog.pg_attribute a
  LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
 CROSS JOIN LATERAL (
       WITH RECURSIVE chain (oid, modifier, kind) AS (
           SELECT t.oid, a.atttypmod, t.typtype FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
           UNION ALL
           SELECT b.oid, d.typtypmod, b.typtype
             FROM chain
             JOIN pg_catalog.pg_type d ON d.oid = chain.oid AND d.typtype = 'd'
             JOIN pg_catalog.pg_type b ON b.oid = d.typbasetype
       )
       SELECT chain.oid, pg_catalog.format_type(chain.oid, chain.modifier) AS type, chain.kind, t.typcollation AS collation
         FROM chain JOIN pg_catalog.pg_type t ON t.oid = chain.oid WHERE chain.kind <> 'd') AS base
 WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
