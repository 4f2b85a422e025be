SELECT pg_catalog.max({column})::text AS mark,
       coalesce(pg_catalog.max({column}) < {earlier}::{type_name}, {earlier}::text IS NOT NULL) AS behind
  FROM pg_temp.{local}{condition}
