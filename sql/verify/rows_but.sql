ONLY {table} WHERE ctid NOT IN ({left})
