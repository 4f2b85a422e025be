{table} AS {alias}{conditions}
