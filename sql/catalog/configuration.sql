SELECT entry.relation, e.extname::text AS extension, entry.condition,
       array(SELECT k.confrelid FROM pg_catalog.pg_constraint k
              WHERE k.conrelid = entry.relation AND k.contype = 'f' AND k.confrelid <> k.conrelid) AS needs
  FROM pg_catalog.pg_extension e
 CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(e.extconfig), pg_catalog.unnest(e.extcondition)) AS entry (relation, condition)
  JOIN pg_catalog.pg_class c ON c.oid = entry.relation AND c.relkind IN ('r', 'S')
