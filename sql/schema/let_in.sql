GRANT CREATE ON SCHEMA {schema} TO {owner}
