EXISTS (SELECT FROM {table} WHERE {column} {comparison} {bound})
