COPY (SELECT {list} FROM ONLY {table} WHERE ctid IN ({places})) TO STDOUT (FORMAT binary)
