WITH marked AS (
    SELECT entry.relation, e.extname::text AS extension, entry.condition
      FROM pg_catalog.pg_extension e
     CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(e.extconfig), pg_catalog.unnest(e.extcondition)) AS entry (relation, condition)
), both_kinds AS (
    SELECT relation, extension, condition FROM marked
    UNION
    -- Extensions forget to mark the sequence that numbers such rows.
    SELECT own.objid, marked.extension, ''
      FROM marked
      JOIN pg_catalog.pg_depend own
        ON own.classid = 'pg_catalog.pg_class'::regclass AND own.refclassid = 'pg_catalog.pg_class'::regclass
       AND own.refobjid = marked.relation AND own.refobjsubid > 0 AND own.deptype IN ('a', 'i')
      JOIN pg_catalog.pg_class c ON c.oid = own.objid AND c.relkind = 'S'
)
SELECT relation, extension, condition,
       array(SELECT k.confrelid FROM pg_catalog.pg_constraint k
              WHERE k.conrelid = relation AND k.contype = 'f' AND k.confrelid <> k.conrelid) AS needs
  FROM both_kinds
  JOIN pg_catalog.pg_class c ON c.oid = relation AND c.relkind IN ('r', 'S')
