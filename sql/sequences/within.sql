 WHERE {column} {comparison} {bound}
