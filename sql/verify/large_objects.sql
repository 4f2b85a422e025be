SELECT count(*) AS objects, coalesce(sum(pg_catalog.hashint8extended(oid::int8, 0)), 0)::text AS oids
  FROM pg_catalog.pg_largeobject_metadata
