pg_catalog.{function}({column}, 0)
