SAVEPOINT fdwcopy
