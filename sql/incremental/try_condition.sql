EXPLAIN SELECT FROM {table} AS {alias} WHERE {conditions}
