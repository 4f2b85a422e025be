SELECT found.identity
  FROM pg_catalog.unnest($1::oid[]) AS chosen
 CROSS JOIN LATERAL (SELECT chosen AS oid
                     UNION ALL SELECT i.indexrelid FROM pg_catalog.pg_index i WHERE i.indrelid = chosen) AS relation
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, relation.oid, 0) AS found
