
 WHERE {conditions}
