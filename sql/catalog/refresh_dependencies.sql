WITH RECURSIVE reads (matview, relation, kind) AS (
    SELECT c.oid, used.oid, used.relkind
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid
      JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
       AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> c.oid
      JOIN pg_catalog.pg_class used ON used.oid = d.refobjid AND used.relkind IN ('m', 'v')
     WHERE c.relkind = 'm'
    UNION
    SELECT reads.matview, used.oid, used.relkind
      FROM reads
      JOIN pg_catalog.pg_rewrite r ON r.ev_class = reads.relation
      JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
       AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> reads.relation
      JOIN pg_catalog.pg_class used ON used.oid = d.refobjid AND used.relkind IN ('m', 'v')
     WHERE reads.kind = 'v'
)
SELECT DISTINCT matview, relation AS reads FROM reads WHERE kind = 'm'
