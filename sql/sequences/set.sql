SELECT pg_catalog.setval(wanted.sequence::pg_catalog.regclass, wanted.value, wanted.is_called)
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::int8[]), pg_catalog.unnest($3::bool[]))
    AS wanted (sequence, value, is_called)
