pg_catalog.{function}({column})
