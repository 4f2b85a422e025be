SELECT wanted.oid AS relation
  FROM pg_catalog.unnest($1) AS wanted (oid)
 -- The text of an oid fits into a bigint, its bits into an integer.
 WHERE NOT pg_catalog.pg_try_advisory_lock({class}, wanted.oid::pg_catalog.int8::pg_catalog.bit(32)::pg_catalog.int4)
