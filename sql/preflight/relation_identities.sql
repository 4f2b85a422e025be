SELECT found.identity
  FROM pg_catalog.unnest($1::oid[]) AS relation
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, relation, 0) AS found
