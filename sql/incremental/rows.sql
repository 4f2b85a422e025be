FROM pg_temp.{local} AS {alias}{condition}
