ONLY {table}{rows}
