 WHERE {conditions}
