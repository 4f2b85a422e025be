SELECT pg_catalog.setval(wanted.sequence::pg_catalog.regclass, wanted.value, wanted.is_called)
  FROM pg_catalog.unnest($1::text[], $2::int8[], $3::bool[]) AS wanted (sequence, value, is_called)
