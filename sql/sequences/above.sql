EXISTS (SELECT FROM {table} WHERE {column} > {bound})
