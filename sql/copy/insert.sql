INSERT INTO {table}{columns} OVERRIDING SYSTEM VALUE SELECT {list} FROM pg_temp.{local}{condition}
