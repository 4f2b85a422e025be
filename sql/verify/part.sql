ONLY {table}{where_}
