coalesce(pg_catalog.{function}({column}, 0), 0)
