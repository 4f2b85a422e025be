INSERT INTO {table}{columns} OVERRIDING SYSTEM VALUE SELECT {list} FROM (SELECT * FROM (SELECT * FROM pg_temp.{local}{condition}) AS {name} {rows}
) AS fdwcopy_row
